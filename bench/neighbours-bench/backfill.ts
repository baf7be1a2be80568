// An account that sends batches of 500 events of the last 30 days, with 500 types and 500 users.

import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@weir/twin/faults';
import { dayMs } from '../../domain/system/time.ts';
import { headersOf } from '../support/flood.ts';

export const eventsInBatch = 500;
const agesMs = 29.9 * dayMs;
const connections = 4;
const refusedMs = 1000;

export type Backfill = {
  /** Batches a second, from now on. */
  pace(perSecond: number): void;
  end(): Promise<{ readonly accepted: number; readonly refused: number }>;
};

/** At first as fast as it is accepted. */
export function startBackfill(url: string, key: string): Backfill {
  const random = seededRandom(18);
  let pauseMs = 0;
  let isOver = false;
  let accepted = 0;
  let refused = 0;
  const connection = async () => {
    while (!isOver) {
      const sentMs = performance.now();
      const { ok } = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: headersOf(key),
        body: JSON.stringify(batchNow(random)),
      });
      if (ok) accepted += 1;
      else refused += 1;
      await sleep(Math.max(ok ? 0 : refusedMs, sentMs + pauseMs - performance.now()));
    }
  };
  const all = Promise.all(Array.from({ length: connections }, connection));
  return {
    pace: (perSecond) => {
      pauseMs = (1000 * connections) / perSecond;
    },
    end: async () => {
      isOver = true;
      await all;
      return { accepted, refused };
    },
  };
}

function batchNow(random: () => number) {
  const nowMs = Date.now();
  return Array.from({ length: eventsInBatch }, (_, index) => ({
    type: `type-${index}`,
    user_id: `user-${Math.floor(random() * eventsInBatch)}`,
    service: `service-${index % 20}`,
    timestamp: Math.floor(nowMs - random() * agesMs),
  }));
}
