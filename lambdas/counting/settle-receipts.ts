// Settles plain receipts: each is on the list of a run or will be, or it is counted directly. Always after the put of a
// receipt and after whoever meets a plain one: only a look for the run, made after the put, tells whether a run has passed
// it by. A clock proves nothing about the clock of another.

import type { Lanes } from '../../domain/counting/port.ts';
import { isPlain, placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import { covers } from '../../domain/counting/runs.ts';
import { laneKey } from '../../domain/keys.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { type CountDirectlyDeps, countDirectly } from './count-directly.ts';
import { type SealDeps, sealRun } from './seal-run.ts';

const lanesAtOnce = 8;

export type SettleReceiptsDeps = CountDirectlyDeps &
  SealDeps & { readonly lanes: Pick<Lanes, 'lastRun' | 'documents' | 'commit'> };

/** Ignores receipts that are not plain. Their puts must have ended. */
export async function settleReceipts(deps: SettleReceiptsDeps, receipts: readonly Receipt[]): Promise<void> {
  const byLane = Map.groupBy(receipts.filter(isPlain), ({ lane }) => laneKey(lane));
  await mapBounded([...byLane.values()], lanesAtOnce, async (ofLane) => {
    const passedBy = await findPassedBy(deps, ofLane);
    await countDirectly(
      deps,
      passedBy.map((from) => ({ from, to: from })),
    );
  });
}

/**
 * The receipts that a run covers and does not list. Runs follow each other without a gap. So the last run that starts
 * before the newest receipt decides for each receipt past its start, and mostly for all: it ends before the oldest one.
 */
async function findPassedBy({ lanes }: SettleReceiptsDeps, receipts: readonly Receipt[]): Promise<Receipt[]> {
  const passedBy: Receipt[] = [];
  let open = receipts.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  for (;;) {
    const newest = open.at(-1);
    const run = newest && (await lanes.lastRun(newest.lane, placeOf(newest)));
    if (!run) return passedBy;
    const covered = open.filter((receipt) => covers(run, placeOf(receipt)));
    if (covered.length > 0) {
      const { list } = await sealRun({ lanes }, run);
      const listed = new Set(list.positions);
      passedBy.push(...covered.filter((receipt) => !listed.has(placeOf(receipt))));
    }
    open = open.filter((receipt) => placeOf(receipt) <= run.start);
  }
}
