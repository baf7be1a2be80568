// An HTTP proxy before the API that does to the next requests what a script says, and records what came.

import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

export type Fault =
  /** Reset before the server gets anything. */
  | 'reset'
  /** Reset after the server has answered: its answer is lost. */
  | 'lose'
  /** Answered by the proxy, with a Retry-After of a second. */
  | 429
  | 503
  | 413
  /** Answered after so many milliseconds. */
  | { readonly afterMs: number };

export type Seen = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Decompressed. */
  readonly body: string;
  readonly atMs: number;
};

export type FaultyDoor = {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** For the next requests, in their order. Later ones pass. */
  script(...faults: readonly Fault[]): void;
  close(): Promise<void>;
};

/** As the gateway's own answers have them, so that pages can read those too. */
const ofGateway = {
  'content-type': 'application/json',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'retry-after',
};

export async function openFaultyDoor(target: string): Promise<FaultyDoor> {
  const faults: Fault[] = [];
  const seen: Seen[] = [];
  const { hostname, port } = new URL(target);

  const handle = async (incoming: IncomingMessage, answer: ServerResponse) => {
    const body = Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Buffer>));
    const { method = '', url: path = '', headers } = incoming;
    const text = (body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body).toString();
    // What a browser asks before it sends is no attempt.
    const isAttempt = method !== 'OPTIONS';
    if (isAttempt) seen.push({ method, path, headers, body: text, atMs: performance.now() });
    const fault = isAttempt ? faults.shift() : undefined;
    if (fault === 'reset') return incoming.socket.resetAndDestroy();
    if (typeof fault === 'number')
      return answer.writeHead(fault, { ...ofGateway, 'retry-after': '1' }).end('{}');
    if (typeof fault === 'object') await sleep(fault.afterMs);
    const passed = request({ hostname, port, method, path, headers }, (from) => {
      if (fault === 'lose') {
        from.resume();
        from.on('end', () => incoming.socket.resetAndDestroy());
        return;
      }
      answer.writeHead(from.statusCode ?? 500, from.headers);
      from.pipe(answer);
    });
    passed.on('error', () => incoming.socket.resetAndDestroy());
    passed.end(body);
  };
  const server = createServer((incoming, answer) => {
    handle(incoming, answer).catch(() => incoming.socket.resetAndDestroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    script: (...next) => void faults.push(...next),
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
