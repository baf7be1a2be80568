// The read units of a 24 h summary: 24 hours of 200 records of 100 events, of 200 users with UUIDs, folded, and a tail.

import { DynamoDays } from '../../adapters/documents/dynamodb-days.ts';
import { MemoryUse } from '../../adapters/limits/memory-use.ts';
import { runLimits } from '../../domain/counting/next-run.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import { floorTo, hourMs, minuteMs, secondMs } from '../../domain/system/time.ts';
import { foldRun } from '../../lambdas/counting/fold-run.ts';
import { toContext } from '../../lambdas/edge/caller.ts';
import type { HttpRequest } from '../../lambdas/edge/http.ts';
import { summaryLimits } from '../../lambdas/read/read-window.ts';
import { readSummary, readSummaryQuestion } from '../../lambdas/read/summary.ts';
import { callerLimits } from '../../test/support/requests.ts';
import { tenant } from '../consume-bench/load.ts';
import { startMeteredTables } from '../support/metered-tables.ts';
import { deltaOf, lane, lanesAt, receiptOf, tables, usersOf } from './lane-load.ts';

const hours = 24;
const recordsAnHour = 200;
const firstMs = floorTo(Date.parse('2026-11-21T10:00:00.000Z'), hourMs);

export async function benchSummary() {
  const results = [];
  for (const eventsEach of [100, 1]) {
    const { readUnits, tailBytes, tailReceipts } = await readUnitsWithTail(eventsEach);
    results.push({
      what:
        `read units of a 24 h summary of one slot, with a tail of ${tailReceipts} records of ${eventsEach} ` +
        `(${(tailBytes / 1024).toFixed(0)} KB of deltas)`,
      figure: readUnits,
      most: 60,
    });
  }
  return results;
}

async function readUnitsWithTail(eventsEach: number) {
  const stage = await startMeteredTables(tables);
  const direct = lanesAt(stage.direct);
  const metered = lanesAt(stage.url);
  const shop = usersOf(200);
  try {
    for (let hour = 0; hour < hours; hour += 1) {
      const startMs = firstMs + hour * hourMs;
      const receipts = Array.from({ length: recordsAnHour }, (_, index) =>
        receiptAt(shop, 100, startMs + Math.floor((index * (hourMs - minuteMs)) / recordsAnHour)),
      );
      await direct.folding.lanes.putReceipts(receipts);
      direct.clock.nowMs = startMs + hourMs + 30 * minuteMs;
      while ((await foldRun(direct.folding, lane)) !== 'not due');
    }
    const lastMs = firstMs + (hours - 1) * hourMs + hourMs - minuteMs;
    const tail = tailOf(shop, eventsEach, lastMs);
    await direct.folding.lanes.putReceipts(tail);
    metered.clock.nowMs = lastMs + 30 * secondMs;
    const caller = toContext({
      tenant,
      keyId: 'bench',
      scopes: ['read'],
      tier: 'standard',
      stream: 'standard',
      slots: [0],
      mostSlots: 1,
      retentionDays: 30,
      ...callerLimits,
    });
    const request = {
      multiValueQueryStringParameters: { window: ['24h'] },
      requestContext: { authorizer: caller },
    };
    const deps = {
      lanes: metered.folding.lanes,
      days: new DynamoDays(metered.table),
      eventUse: new MemoryUse(),
      clock: metered.clock,
      logger: console,
      summaryLimits,
    };
    const summary = await readSummary(
      deps,
      readSummaryQuestion(request as unknown as HttpRequest, metered.clock.nowMs),
    );
    const expected = hours * recordsAnHour * 100 + tail.length * eventsEach;
    if (summary.total !== expected) throw new Error(`The summary has ${summary.total}, not ${expected}.`);
    const calls = Object.values(stage.meter.calls()).flatMap((byOperation) => Object.values(byOperation));
    return {
      readUnits: calls.reduce((sum, { capacityUnits }) => sum + capacityUnits, 0),
      tailReceipts: tail.length,
      tailBytes: bytesOf(tail),
    };
  } finally {
    direct.end();
    metered.end();
    await stage.end();
  }
}

const receiptAt = (shop: ReturnType<typeof usersOf>, events: number, atMs: number): Receipt =>
  receiptOf(deltaOf(shop, events, atMs), events, atMs);

const bytesOf = (receipts: readonly Receipt[]): number =>
  receipts.reduce((sum, { delta }) => sum + (delta?.length ?? 0), 0);

/** As many as make a run full. */
function tailOf(shop: ReturnType<typeof usersOf>, eventsEach: number, lastMs: number): Receipt[] {
  const tail: Receipt[] = [];
  while (tail.length < runLimits.receipts && bytesOf(tail) < runLimits.deltaBytes)
    tail.push(receiptAt(shop, eventsEach, lastMs + tail.length));
  return tail;
}
