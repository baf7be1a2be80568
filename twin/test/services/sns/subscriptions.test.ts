import { afterEach, expect, it } from 'vitest';
import { arnOf, queue, type RunningTriggers, startTriggers, topic } from '../../running-services.ts';

let running: RunningTriggers | undefined;
afterEach(async () => {
  await running?.end();
  running = undefined;
});

const start = async (resources: Parameters<typeof startTriggers>[1]) => {
  running = await startTriggers(['hear'], { Page: topic('page'), ...resources });
  return running;
};
const subscription = (properties: object) => ({
  Type: 'AWS::SNS::Subscription',
  Properties: { TopicArn: { Ref: 'Page' }, Protocol: 'lambda', Endpoint: arnOf('hear'), ...properties },
});
const toQueue = (properties: object = {}) =>
  subscription({ Protocol: 'sqs', Endpoint: arnOf('Queue'), ...properties });
const topicArn = 'arn:aws:sns:us-east-1:000000000000:page';

const publish = ({ proxy }: RunningTriggers, fields: Readonly<Record<string, string>>, Action = 'Publish') =>
  fetch(proxy.url, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=A/20300101/us-east-1/sns/aws4_request' },
    body: new URLSearchParams({ Action, Version: '2010-03-31', TopicArn: topicArn, ...fields }),
  });
const attribute = (number: number, name: string, type: string, value: string) => ({
  [`MessageAttributes.entry.${number}.Name`]: name,
  [`MessageAttributes.entry.${number}.Value.DataType`]: type,
  [`MessageAttributes.entry.${number}.Value.StringValue`]: value,
});
const messagesOf = (heard: readonly { readonly event: unknown }[]) =>
  heard.map(({ event }) => (event as { Records: [{ Sns: { Message: string } }] }).Records[0].Sns.Message);

it('a function hears of a message as SNS tells it', async () => {
  const triggers = await start({ ToFunction: subscription({}) });

  const answer = await publish(triggers, {
    Message: 'hello',
    Subject: 'greeting',
    ...attribute(1, 'kind', 'String', 'test'),
  });

  const [, messageId] = /<MessageId>(.+)<\/MessageId>/.exec(await answer.text()) ?? [];
  const [first] = await triggers.hears('hear');
  expect(first?.event).toEqual({
    Records: [
      {
        EventVersion: '1.0',
        EventSubscriptionArn: `${topicArn}:ToFunction`,
        EventSource: 'aws:sns',
        Sns: {
          Type: 'Notification',
          MessageId: messageId,
          TopicArn: topicArn,
          Subject: 'greeting',
          Message: 'hello',
          Timestamp: expect.stringMatching(/^\d{4}-.+Z$/),
          SignatureVersion: '1',
          Signature: expect.any(String),
          SigningCertUrl: expect.any(String),
          UnsubscribeUrl: expect.any(String),
          MessageAttributes: { kind: { Type: 'String', Value: 'test' } },
        },
      },
    ],
  });
});

it('each message of a batch comes alone, and one for functions where it has several texts', async () => {
  const triggers = await start({ ToFunction: subscription({}) });
  const entry = 'PublishBatchRequestEntries.member';

  await publish(
    triggers,
    {
      [`${entry}.1.Id`]: 'a',
      [`${entry}.1.Message`]: 'first',
      [`${entry}.2.Id`]: 'b',
      [`${entry}.2.Message`]: '{"default":"for all","lambda":"for functions"}',
      [`${entry}.2.MessageStructure`]: 'json',
      [`${entry}.3.Id`]: 'c',
      [`${entry}.3.Message`]: 'x'.repeat(1_100_000),
    },
    'PublishBatch',
  );
  await publish(triggers, { TopicArn: `${topicArn}-gone`, Message: 'to nobody' });
  await publish(triggers, { Message: 'last' });

  const messages = messagesOf(await triggers.hears('hear', 3));
  expect(messages.toSorted()).toEqual(['first', 'for functions', 'last']);
});

it('a filter lets through what it is of: by attributes, or by the message itself', async () => {
  const triggers = await start({
    ByAttributes: subscription({
      FilterPolicy: { level: [{ numeric: ['>=', 3] }], tags: ['urgent'], kind: [{ exists: true }] },
    }),
    ByBody: subscription({
      FilterPolicy: { detail: { kind: [{ prefix: 'stop' }] } },
      FilterPolicyScope: 'MessageBody',
    }),
  });
  const fit = {
    ...attribute(1, 'level', 'Number', '3'),
    ...attribute(2, 'tags', 'String.Array', '["new","urgent"]'),
    ...attribute(3, 'kind', 'String', 'any'),
  };

  await publish(triggers, { Message: 'without attributes' });
  await publish(triggers, { Message: 'too low', ...fit, ...attribute(1, 'level', 'Number', '2') });
  await publish(triggers, { Message: 'fit', ...fit });
  await publish(triggers, { Message: '{"detail":{"kind":"go"}}' });
  await publish(triggers, { Message: '{"detail":{"kind":"stopped"}}' });

  const messages = messagesOf(await triggers.hears('hear', 2));
  expect(messages.toSorted()).toEqual(['fit', '{"detail":{"kind":"stopped"}}']);
});

it('a queue gets messages in an envelope, or bare where the subscription says so, and only those it wants', async () => {
  const triggers = await start({
    Queue: queue('enveloped'),
    Raw: queue('raw'),
    ToQueue: toQueue(),
    ToRaw: toQueue({
      Endpoint: arnOf('Raw'),
      RawMessageDelivery: true,
      FilterPolicy: { kind: ['test'] },
    }),
  });

  await publish(triggers, { Message: 'plain' });
  await publish(triggers, { Message: 'wanted', ...attribute(1, 'kind', 'String', 'test') });

  const enveloped = (await triggers.received('enveloped')).map(({ Body }) => JSON.parse(Body).Message);
  expect(enveloped.toSorted()).toEqual(['plain', 'wanted']);
  expect((await triggers.received('raw')).map(({ Body }) => Body)).toEqual(['wanted']);
});

it('whom nothing reaches is told at the start', async () => {
  const { reports, template } = await start({
    Mail: subscription({ Protocol: 'email', Endpoint: 'night@example.com' }),
    Wild: subscription({ FilterPolicy: { kind: [{ wildcard: 'a*' }] } }),
    Inline: topic('inline', { Subscription: [{ Protocol: 'https', Endpoint: 'https://example.com' }] }),
  });

  expect(reports).toEqual([
    'Mail: nothing is sent by email here: night@example.com receives nothing.',
    'Wild: its filter lets nothing through: {"wildcard":"a*"} is not modelled.',
    'Inline: nothing is sent by https here: https://example.com receives nothing.',
  ]);
  expect(template.unread().filter(({ resource }) => resource.logicalId !== 'hear')).toEqual([]);
});

it('a start is refused where a subscription leads nowhere', async () => {
  const gone = 'arn:aws:sqs:us-east-1:000000000000:gone';

  await expect(start({ Lost: toQueue({ Endpoint: gone }) })).rejects.toThrow(
    `Lost: ${gone} is no queue of the template.`,
  );
});

it('a message that says it is structured and is not is refused as SNS refuses it, and reaches nobody', async () => {
  const triggers = await start({ OnPage: subscription({}) });

  const answers = await Promise.all(
    ['no json', '"text"', '{"lambda":"no default"}'].map((Message) =>
      publish(triggers, { Message, MessageStructure: 'json' }),
    ),
  );
  await publish(triggers, { Message: '{"default":"right"}', MessageStructure: 'json' });

  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  expect(await answers[0]?.text()).toContain('<Code>InvalidParameter</Code>');
  expect(messagesOf(await triggers.hears('hear'))).toEqual(['right']);
});
