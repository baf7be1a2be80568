// Requests to one server with one key: time limits, compression, and what the clock shows.

import type { Environment } from './environment.ts';
import { type Answer, retryAfterMs } from './outcome.ts';

export type Server = {
  readonly url: string;
  readonly key: string;
  readonly requestTimeoutMs: number;
  readonly environment: Environment;
  /** Headers that sign a body, made anew for each attempt. */
  readonly sign?: (
    body: string,
  ) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
};

/** Smaller bodies gain nothing. */
const gzipFromBytes = 1024;

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const compressed = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}

/** Rejects if there is no whole answer: it cannot be known then whether the server did what was asked. */
export async function exchange(
  { environment, requestTimeoutMs }: Server,
  url: string,
  init: RequestInit,
  stop?: AbortSignal,
): Promise<Answer> {
  const attempt = new AbortController();
  const end = () => attempt.abort();
  if (stop?.aborted) end();
  stop?.addEventListener('abort', end);
  const cancel = environment.after(requestTimeoutMs, end);
  try {
    // A redirected POST would become a GET.
    const answer = await environment.fetch(url, { ...init, redirect: 'manual', signal: attempt.signal });
    const text = await answer.text();
    const afterMs = retryAfterMs(answer.headers.get('retry-after'), environment.nowMs());
    return { status: answer.status, afterMs, body: jsonOf(text) };
  } finally {
    cancel();
    stop?.removeEventListener('abort', end);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const headersOf = ({ key, environment }: Server, idempotencyKey: string) => ({
  'x-api-key': key,
  'content-type': 'application/json',
  'idempotency-key': idempotencyKey,
  'x-weir-sent-at': String(environment.nowMs()),
});

export async function postEvents(server: Server, body: string, idempotencyKey: string, stop: AbortSignal) {
  const isLarge = body.length >= gzipFromBytes && typeof CompressionStream !== 'undefined';
  const sent = isLarge ? await gzip(body) : body;
  const signature = await server.sign?.(body);
  const headers = {
    ...headersOf(server, idempotencyKey),
    ...signature,
    ...(isLarge && { 'content-encoding': 'gzip' }),
  };
  return exchange(server, `${server.url}/v1/events`, { method: 'POST', headers, body: sent }, stop);
}

/** A request that outlives its page. It begins at once, since a page that leaves waits for nothing: not for gzip. */
export async function postBeforeLeaving(server: Server, body: string, idempotencyKey: string): Promise<void> {
  const signature = server.sign && (await server.sign(body));
  const headers = { ...headersOf(server, idempotencyKey), ...signature };
  const init = { method: 'POST', headers, body, keepalive: true };
  await server.environment.fetch(`${server.url}/v1/events`, init);
}
