// Three hours of records of one account, put and counted after they have waited for three hours, by one consumer that
// folds as it goes. Each must stay plain: a run must not be sealed ahead of records that lag. Meanwhile the lane is read.

import { DynamoLanes } from '../../adapters/counting/dynamodb-lanes.ts';
import { runLimits } from '../../domain/counting/next-run.ts';
import type { Lanes } from '../../domain/counting/port.ts';
import { placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import { floorTo, hourMs, minuteMs } from '../../domain/system/time.ts';
import { countReceipts } from '../../lambdas/counting/count-receipts.ts';
import { foldRuns } from '../../lambdas/counting/fold-run.ts';
import { Tallies } from '../../lambdas/counting/tallies.ts';
import { readHoursOf } from '../../test/support/read-hours.ts';
import { startMeteredTables } from '../support/metered-tables.ts';
import { deltaOf, lane, lanesAt, receiptOf, tables, usersOf } from './lane-load.ts';

const recordsPerSecond = 145;
const recordsEach = 100;
const firstMs = Date.parse('2026-11-21T10:00:00.000Z');
/** A summary is read so often. */
const readEvery = 1000;

export async function benchBacklog(minutes: number) {
  const stage = await startMeteredTables(tables);
  const work = lanesAt(stage.direct);
  const reads = lanesAt(stage.url);
  const { folding, clock } = work;
  const lanes = new PlainLanes(work.table);
  const shop = usersOf(200);
  const tallies = new Tallies(runLimits);
  const count = minutes * 60 * recordsPerSecond;
  const startMs = performance.now();
  let mostUnits = 0;
  /** The records of a second count alike: to make each would take longer than to count it. */
  let of: { readonly second: number; readonly delta: Uint8Array } = { second: -1, delta: new Uint8Array() };
  try {
    clock.nowMs = firstMs + minutes * minuteMs;
    for (let first = 0; first < count; first += recordsEach) {
      const receipts = Array.from({ length: Math.min(recordsEach, count - first) }, (_, index): Receipt => {
        const receivedAtMs = firstMs + Math.floor(((first + index) * 1000) / recordsPerSecond);
        const second = Math.floor((first + index) / recordsPerSecond);
        if (second !== of.second) of = { second, delta: deltaOf(shop, 1, receivedAtMs) };
        return { ...receiptOf(of.delta, 1, receivedAtMs), storedAtMs: clock.nowMs };
      });
      clock.nowMs += 200;
      const results = await countReceipts(
        { ...folding, lanes },
        receipts.map((to) => ({ to })),
      );
      if (results.some(({ outcome }) => outcome !== 'counted')) throw new Error('A record is not counted.');
      tallies.add(receipts);
      const low = placeOf(receipts[0] as Receipt);
      for (const each of tallies.takeDue(clock.nowMs, 4))
        for (const full of await foldRuns(folding, [{ lane: each, low }])) tallies.lookAgain(full);
      if ((first / recordsEach) % readEvery === readEvery - 1) {
        const { units, shown } = await readUnits(stage, reads, clock.nowMs);
        if (shown !== first + receipts.length)
          throw new Error(`${shown} of ${first + receipts.length} are shown.`);
        mostUnits = Math.max(mostUnits, units);
        console.log(
          `${first + receipts.length} of ${count} records after ${((performance.now() - startMs) / 1000).toFixed(0)} s: ` +
            `all plain; a read of the lane takes ${units} units`,
        );
      }
    }
    return [
      { what: 'read units, at most, of a read of the lane during the backlog', figure: mostUnits, most: 280 },
    ];
  } finally {
    work.end();
    reads.end();
    await stage.end();
  }
}

class PlainLanes extends DynamoLanes implements Lanes {
  async commit(): Promise<never> {
    throw new Error('A record was counted directly.');
  }
}

type Stage = Awaited<ReturnType<typeof startMeteredTables>>;

async function readUnits(stage: Stage, { folding }: ReturnType<typeof lanesAt>, nowMs: number) {
  const before = unitsOf(stage);
  const toMs = floorTo(nowMs, hourMs) + hourMs;
  const bounds = { fromMs: toMs - 24 * hourMs, toMs };
  const { hours } = await readHoursOf(folding, lane, bounds);
  const shown = [...hours.values()].reduce((sum, { total }) => sum + total.count, 0);
  return { units: unitsOf(stage) - before, shown };
}

const unitsOf = ({ meter }: Stage): number =>
  Object.values(meter.calls())
    .flatMap((byOperation) => Object.values(byOperation))
    .reduce((sum, { capacityUnits }) => sum + capacityUnits, 0);
