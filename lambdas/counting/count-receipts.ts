// Counts records by their receipts. Mostly that is a plain insert, nothing that is contended, and a run folds it later. A
// record that comes from quarantine or goes there, or whose delta is large, is counted directly.

import type { Lanes } from '../../domain/counting/port.ts';
import { isPlain, placeOf, type Receipt, type ReceiptChange } from '../../domain/counting/receipt.ts';
import { laneKey } from '../../domain/keys.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { countDirectly } from './count-directly.ts';
import { laneByLane } from './lane-by-lane.ts';
import { type SettleReceiptsDeps, settleReceipts } from './settle-receipts.ts';

export type CountReceiptsDeps = SettleReceiptsDeps & {
  readonly lanes: Pick<Lanes, 'putReceipts' | 'receipts'>;
};

/**
 * counted: by this call. met: this receipt is there instead, settled if it is plain: who put it may have ended before it
 * did. open: not known yet.
 */
export type Counted =
  | { readonly outcome: 'counted' | 'met'; readonly receipt: Receipt }
  | { readonly outcome: 'open'; readonly error: Unavailable };

/** In the order of the changes, which are of different records. Without time no more lanes are begun. */
export async function countReceipts(
  deps: CountReceiptsDeps,
  changes: readonly ReceiptChange[],
  hasTime: () => boolean = () => true,
): Promise<Counted[]> {
  const plain = changes.filter(isPut);
  const puts = await deps.lanes.putReceipts(plain.map(({ to }) => to));
  const withResult = (wanted: (typeof puts)[number]) =>
    new Set(plain.filter((_, index) => puts[index] === wanted));
  const [put, undecided] = [withResult('put'), withResult('undecided')];
  const counted = new Set(put);
  const met = new Map<string, Receipt>();
  const decided = changes.filter((change) => !undecided.has(change));
  const failed = await laneByLane(
    decided,
    ({ to }) => to.lane,
    async (ofLane) => {
      const direct = ofLane.filter((change) => !isPut(change));
      for (const change of await countDirectly(deps, direct)) counted.add(change);
      const lost = ofLane.filter((change) => !counted.has(change)).map(({ to }) => to);
      const found = lost.length > 0 ? await deps.lanes.receipts(lost) : [];
      for (const receipt of found) met.set(placeName(receipt), receipt);
      const ownPlain = ofLane.filter((change) => put.has(change)).map(({ to }) => to);
      await settleReceipts(deps, [...ownPlain, ...found]);
    },
    hasTime,
  );
  return changes.map((change): Counted => {
    const error = failed.get(laneKey(change.to.lane));
    if (error) return { outcome: 'open', error };
    if (counted.has(change)) return { outcome: 'counted', receipt: change.to };
    const receipt = met.get(placeName(change.to));
    if (receipt) return { outcome: 'met', receipt };
    return { outcome: 'open', error: new Unavailable('A receipt could not be put, or read again.') };
  });
}

const isPut = ({ from, to }: ReceiptChange): boolean => !from && isPlain(to);

const placeName = (receipt: Receipt): string => `${laneKey(receipt.lane)} ${placeOf(receipt)}`;
