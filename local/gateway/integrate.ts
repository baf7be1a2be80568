// Calls the function behind a method and turns its answer into the client's. What a function may answer is
// narrow, and anything else is the gateway's own error, as in the cloud.

import { TooManyRequests } from '../functions/function-errors.ts';
import type { Invoker } from '../functions/functions.ts';
import type { Report } from './authorize.ts';
import { type GatewayAnswer, GatewayRefusal } from './gateway-responses.ts';
import { matchesMediaType } from './media-types.ts';

type Integration = { readonly functionArn: string; readonly timeoutMs: number };

export async function integrate(
  { functionArn, timeoutMs }: Integration,
  event: unknown,
  functions: Invoker,
  report: Report,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    // The function goes on by itself; its answer is dropped.
    timer = setTimeout(() => reject(new GatewayRefusal('INTEGRATION_TIMEOUT')), timeoutMs);
  });
  const answer = functions.invoke(functionArn, event).catch((error: Error) => {
    report(error instanceof TooManyRequests ? `${error.message} A request was refused.` : error.message);
    throw new GatewayRefusal('INTEGRATION_FAILURE');
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
    answer.catch(() => undefined);
  }
}

const knownMembers = ['body', 'headers', 'isBase64Encoded', 'multiValueHeaders', 'statusCode'];

export function toClientAnswer(
  payload: unknown,
  accept: string | undefined,
  binaryMediaTypes: readonly string[],
  report: Report,
): GatewayAnswer {
  const complaint = complaintAbout(payload);
  if (complaint !== undefined) {
    report(`Malformed Lambda proxy response: ${complaint}`);
    throw new GatewayRefusal('INTEGRATION_FAILURE');
  }
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = payload as {
    statusCode: number | string;
    headers?: Record<string, unknown> | null;
    multiValueHeaders?: Record<string, readonly unknown[]> | null;
    body?: string | null;
    isBase64Encoded?: boolean;
  };
  // Bytes are sent as bytes where the caller accepts a binary type first, otherwise as base64 text.
  const first = accept?.split(',')[0] ?? '*/*';
  const decodes = isBase64Encoded === true && matchesMediaType(first, binaryMediaTypes);
  const merged: Record<string, string | readonly string[]> = { 'content-type': 'application/json' };
  for (const [name, value] of Object.entries(headers ?? {})) merged[name.toLowerCase()] = String(value);
  for (const [name, values] of Object.entries(multiValueHeaders ?? {}))
    merged[name.toLowerCase()] = values.map(String);
  delete merged['content-length'];
  return {
    status: Number(statusCode),
    headers: merged,
    body: Buffer.from(body ?? '', decodes ? 'base64' : 'utf8'),
  };
}

function complaintAbout(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return 'it is not an object';
  const answer = payload as Record<string, unknown>;
  const unknown = Object.keys(answer).find((name) => !knownMembers.includes(name));
  if (unknown !== undefined) return `it has the member ${unknown}`;
  if (!/^[1-5]\d\d$/.test(String(answer.statusCode))) return 'its statusCode is not a status';
  if (typeof (answer.body ?? '') !== 'string') return 'its body is not text';
  return undefined;
}
