// Receipts of a lane as the consumer makes them, without their pages.

import { seededRandom } from '@weir/twin/faults';
import { DynamoLanes } from '../../adapters/counting/dynamodb-lanes.ts';
import { runLimits } from '../../domain/counting/next-run.ts';
import { guardMs, type Receipt } from '../../domain/counting/receipt.ts';
import { deltasOf, deltasToBytes } from '../../domain/documents/delta.ts';
import type { Lane } from '../../domain/keys.ts';
import { dayMs } from '../../domain/system/time.ts';
import { TestClock } from '../../test/support/clock.ts';
import { noPause } from '../../test/support/tables.ts';
import { tenant } from '../consume-bench/load.ts';
import { shopOf } from '../consume-bench/shop.ts';
import { clientAt } from '../support/metered-tables.ts';

export const tables = [{ name: 'aggregates', keys: ['pk', 'sk'] }] as const;
export const lane: Lane = { tenant, slot: 0, late: false };

const nothing = () => {};

export function lanesAt(endpoint: string) {
  const client = clientAt(endpoint);
  const table = { client, name: 'aggregates', pause: noPause };
  const clock = new TestClock();
  const folding = {
    lanes: new DynamoLanes(table),
    limits: runLimits,
    clock,
    pauses: { contested: noPause },
    meter: { count: nothing, publish: nothing },
    logger: { warn: console.warn, error: console.error },
  };
  return { table, clock, folding, end: () => client.destroy() };
}

export const usersOf = (count: number) => shopOf({ count, named: 'by UUID' }, seededRandom(1));

let made = 0;

/** What a record adds of so many events at that time. */
export function deltaOf(shop: ReturnType<typeof usersOf>, events: number, atMs: number): Uint8Array {
  const counted = Array.from({ length: events }, () => {
    const { timestamp, ...event } = shop.event(atMs, 1);
    return { ...event, timestamp: Date.parse(timestamp) };
  });
  return deltasToBytes(deltasOf(counted));
}

export function receiptOf(delta: Uint8Array, events: number, receivedAtMs: number): Receipt {
  made += 1;
  return {
    lane,
    record: `${String(made).padStart(20, '0')}.0`,
    state: 'counted',
    mode: 'plain',
    delta,
    accepted: events,
    stored: events,
    duplicates: 0,
    conflicts: 0,
    bytes: 100 * events,
    pageWidth: 1,
    receivedAtMs,
    storedAtMs: receivedAtMs,
    expiresAtMs: receivedAtMs + 30 * dayMs + guardMs,
  };
}
