// Sends many requests at once over kept connections and returns the outcome of each. For tests and benches.

import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

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

export type SteadyLoad = Omit<Load, 'concurrency'> & { readonly perSecond: number };

/**
 * Each request when it is due, however many are under way. Its time begins when it is due. One that is not answered has
 * the status 0.
 */
export async function sendSteadily({ url, count, perSecond, next }: SteadyLoad): Promise<readonly Outcome[]> {
  const agent = new Agent({ keepAlive: true });
  const firstMs = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const dueMs = firstMs + (index * 1000) / perSecond;
      await sleep(dueMs - firstMs);
      const unanswered = { status: 0, milliseconds: Number.POSITIVE_INFINITY };
      return send(url, next(index), agent, dueMs).catch(() => unanswered);
    }),
  );
  agent.destroy();
  return outcomes;
}

function send(
  url: string,
  { method, path, headers = {}, body = '' }: LoadRequest,
  agent: Agent,
  startedAtMs = performance.now(),
): Promise<Outcome> {
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
