// The messages that a call to SNS published, from its form and its answer.
// https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html

import { textIn } from '../../core/http/xml-text.ts';
import { isJsonRecord } from '../../core/json-record.ts';
import type { AwsAnswer, AwsCall } from '../../core/proxy/aws-call.ts';
import { answerWith } from '../../core/proxy/service-errors.ts';

export type Publication = {
  readonly topicArn: string;
  readonly messageId: string;
  readonly message: string;
  readonly subject: string | undefined;
  readonly attributes: Readonly<Record<string, Attribute>>;
};
export type Attribute = { readonly Type: string; readonly Value: string };

export function publicationsIn(call: AwsCall, answer: AwsAnswer): readonly Publication[] {
  if (call.service !== 'sns' || answer.status >= 300) return [];
  const form = new URLSearchParams(call.body.toString());
  const topicArn = form.get('TopicArn') ?? '';
  const xml = answer.body.toString();
  switch (call.operation) {
    case 'Publish':
      return [{ topicArn, messageId: textIn(xml, 'MessageId'), ...messageAt(form, '') }];
    case 'PublishBatch':
      return entriesIn(form, 'PublishBatchRequestEntries.member').flatMap((entry) => {
        const id = form.get(`${entry}.Id`) ?? '';
        const messageId = published(xml).get(id);
        return messageId === undefined ? [] : [{ topicArn, messageId, ...messageAt(form, `${entry}.`) }];
      });
    default:
      return [];
  }
}

function messageAt(form: URLSearchParams, at: string): Omit<Publication, 'topicArn' | 'messageId'> {
  const message = form.get(`${at}Message`) ?? '';
  const isStructured = form.get(`${at}MessageStructure`) === 'json';
  const attributes = entriesIn(form, `${at}MessageAttributes.entry`).map((entry) => {
    const value = form.get(`${entry}.Value.StringValue`) ?? form.get(`${entry}.Value.BinaryValue`) ?? '';
    return [
      form.get(`${entry}.Name`) ?? '',
      { Type: form.get(`${entry}.Value.DataType`) ?? '', Value: value },
    ] as const;
  });
  return {
    message: isStructured ? forFunctions(message) : message,
    subject: form.get(`${at}Subject`) ?? undefined,
    attributes: Object.fromEntries(attributes),
  };
}

/** The engine takes what says that it is structured and is not, and SNS does not. */
export function refuseUnstructured(call: AwsCall): AwsAnswer | undefined {
  if (call.service !== 'sns' || !call.operation.startsWith('Publish')) return undefined;
  const form = new URLSearchParams(call.body.toString());
  const places = ['', ...entriesIn(form, 'PublishBatchRequestEntries.member').map((entry) => `${entry}.`)];
  const isWrong = places.some(
    (at) => form.get(`${at}MessageStructure`) === 'json' && !hasDefault(form.get(`${at}Message`) ?? ''),
  );
  if (!isWrong) return undefined;
  const words = 'Invalid parameter: Message Structure - JSON message body failed to parse';
  return answerWith(call, { status: 400, code: 'InvalidParameter' }, words);
}

function hasDefault(message: string): boolean {
  try {
    const texts: unknown = JSON.parse(message);
    return isJsonRecord(texts) && typeof texts.default === 'string';
  } catch {
    return false;
  }
}

/** A message may have a text for each protocol. */
function forFunctions(message: string): string {
  const texts = JSON.parse(message) as { readonly lambda?: string; readonly default?: string };
  return texts.lambda ?? texts.default ?? '';
}

/** `<at>.1`, `<at>.2`, … as far as the form has them. */
function entriesIn(form: URLSearchParams, at: string): readonly string[] {
  const numbers = [...form.keys()].flatMap((name) => {
    const [number] = name.startsWith(`${at}.`) ? name.slice(at.length + 1).split('.') : [];
    return number ?? [];
  });
  return [...new Set(numbers)].map((number) => `${at}.${number}`);
}

/** Message ids by the ids of entries. */
function published(xml: string): ReadonlyMap<string, string> {
  const successful = textIn(xml, 'Successful');
  const members = [...successful.matchAll(/<member>(.*?)<\/member>/gs)].map(([, member = '']) => member);
  return new Map(members.map((member) => [textIn(member, 'Id'), textIn(member, 'MessageId')]));
}
