// Sends many requests at once over kept connections and returns the outcome of each. For tests and benches.

import { Agent, request } from 'node:http';

export type LoadRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type Load = {
  readonly url: string;
  readonly count: number;
  readonly concurrency: number;
  readonly next: (index: number) => LoadRequest;
};

export type Outcome = { readonly status: number; readonly milliseconds: number };

/** Resolves when all are answered and all connections are closed. */
export async function sendLoad({ url, count, concurrency, next }: Load): Promise<readonly Outcome[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const outcomes: Outcome[] = [];
  let sent = 0;
  const lane = async () => {
    while (sent < count) {
      const index = sent;
      sent += 1;
      outcomes[index] = await send(url, next(index), agent);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  agent.destroy();
  return outcomes;
}

function send(
  url: string,
  { method, path, headers = {}, body = '' }: LoadRequest,
  agent: Agent,
): Promise<Outcome> {
  const startedAtMs = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, url),
      { agent, method, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (incoming) => {
        incoming.resume();
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, milliseconds: performance.now() - startedAtMs }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export function countByStatus(outcomes: readonly Outcome[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of outcomes) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
