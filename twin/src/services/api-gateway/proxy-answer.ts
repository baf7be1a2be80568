// Turns the answer of a function into the client's. What a function may answer is narrow, and anything else is the
// gateway's own error, as in the cloud.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format

import type { HttpAnswer } from '../../core/http/http-answer.ts';
import { isJsonRecord } from '../../core/json-record.ts';
import type { Report } from '../../core/service.ts';
import type { ApiDefinition } from './api-definition.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { GatewayRefusal } from './gateway-responses.ts';
import { nameForClient } from './header-rules.ts';
import { isHeaderName, isHeaderValue } from './header-syntax.ts';
import { matchesMediaType } from './media-types.ts';

type Scalar = string | number | boolean;
type ProxyAnswer = {
  readonly statusCode: number | string;
  readonly headers?: Readonly<Record<string, Scalar>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly Scalar[]>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
};

export function toClientAnswer(
  payload: unknown,
  exchange: Exchange,
  { binaryMediaTypes }: Pick<ApiDefinition, 'binaryMediaTypes'>,
  report: Report,
): HttpAnswer {
  const complaint = complaintAbout(payload);
  if (complaint !== undefined) {
    report(`Malformed Lambda proxy response: ${complaint}`);
    throw new GatewayRefusal('INTEGRATION_FAILURE');
  }
  const answer = payload as ProxyAnswer;
  const body = answer.body ?? '';
  // Bytes are sent as bytes where the caller accepts a binary type first, otherwise as base64 text.
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
  const first = headerOf(exchange, 'accept')?.split(',')[0] ?? '*/*';
  const decodes = answer.isBase64Encoded === true && matchesMediaType(first, binaryMediaTypes);
  if (decodes && !/^[A-Za-z0-9+/]*={0,2}$/.test(body)) {
    report('Unable to base64 decode the body of a Lambda proxy response.');
    throw new GatewayRefusal('API_CONFIGURATION_ERROR');
  }
  return {
    status: Number(answer.statusCode),
    headers: {
      'content-type': 'application/json',
      ...headersForClient(answer),
      'x-amzn-trace-id': exchange.traceId,
    },
    body: Buffer.from(body, decodes ? 'base64' : 'utf8'),
  };
}

/** Both kinds become one list; a pair that is in both counts once. */
function headersForClient({ headers, multiValueHeaders }: ProxyAnswer) {
  const merged = new Map<string, readonly string[]>();
  const add = (given: string, values: readonly Scalar[]) => {
    const name = nameForClient(given);
    if (name !== undefined) merged.set(name, [...(merged.get(name) ?? []), ...values.map(String)]);
  };
  const isThere = (given: string, value: Scalar) =>
    merged.get(nameForClient(given) ?? '')?.includes(String(value)) === true;
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) add(name, values);
  for (const [name, value] of Object.entries(headers ?? {})) if (!isThere(name, value)) add(name, [value]);
  return Object.fromEntries(merged);
}

const knownMembers = ['body', 'headers', 'isBase64Encoded', 'multiValueHeaders', 'statusCode'];

function complaintAbout(payload: unknown): string | undefined {
  if (!isJsonRecord(payload)) return 'it is not an object';
  const { statusCode, headers, multiValueHeaders, body } = payload;
  const unknown = Object.keys(payload).find((name) => !knownMembers.includes(name));
  if (unknown !== undefined) return `it has the member ${unknown}`;
  // What is below 200 is no answer yet, but an announcement of one.
  if (!isScalar(statusCode) || !/^[2-5]\d\d$/.test(String(statusCode)))
    return 'its statusCode is not a status';
  if (typeof (body ?? '') !== 'string') return 'its body is not text';
  if (!areHeaders(headers ?? {}, isSendable)) return 'its headers are not single values by name';
  if (!areHeaders(multiValueHeaders ?? {}, (values) => Array.isArray(values) && values.every(isSendable)))
    return 'its multiValueHeaders are not lists of values by name';
  return undefined;
}

function areHeaders(headers: unknown, isOfKind: (value: unknown) => boolean): boolean {
  return (
    isJsonRecord(headers) &&
    Object.entries(headers).every(([name, value]) => isHeaderName(name) && isOfKind(value))
  );
}

function isSendable(value: unknown): boolean {
  return isScalar(value) && isHeaderValue(String(value));
}

function isScalar(value: unknown): value is Scalar {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
