// One account that floods a shard: batches of 32 events of 11.5 KB of noise from 64 connections.

import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../test/support/load.ts';

const connections = 64;

export type Running = { end(): Promise<readonly Outcome[]> };

/** `perSecond` batches of all connections together. Without it, each sends the next one as soon as one is answered. */
export function startFlood(url: string, key: string, perSecond?: number): Running {
  const agent = new Agent({ keepAlive: true });
  const noise = () => ({ type: 'noise', metadata: { noise: randomBytes(8625).toString('base64') } });
  const bodies = Array.from({ length: 8 }, () => JSON.stringify(Array.from({ length: 32 }, noise)));
  const outcomes: Outcome[] = [];
  let isOver = false;
  const firstMs = performance.now();
  const connection = async (index: number) => {
    for (let round = 0; !isOver; round += 1) {
      if (perSecond !== undefined) {
        const dueMs = firstMs + ((index + round * connections) * 1000) / perSecond;
        await sleep(Math.max(0, dueMs - performance.now()));
      }
      outcomes.push(await post(url, key, bodies[(index + round) % bodies.length] ?? '', agent));
    }
  };
  const all = Promise.all(Array.from({ length: connections }, (_, index) => connection(index)));
  return {
    end: async () => {
      isOver = true;
      await all;
      agent.destroy();
      return outcomes;
    },
  };
}

export const headersOf = (key: string) => ({ 'x-api-key': key, 'content-type': 'application/json' });

function post(url: string, key: string, body: string, agent: Agent): Promise<Outcome> {
  const startedAtMs = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL('/v1/events', url),
      { agent, method: 'POST', headers: headersOf(key) },
      (incoming) => {
        incoming.resume();
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            milliseconds: performance.now() - startedAtMs,
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
