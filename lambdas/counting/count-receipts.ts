// Counts records by their receipts. Mostly that is a plain insert, nothing that is contended, and a run folds it later. A
// record that comes from quarantine or goes there, or whose delta is large, is counted directly.

import type { Lanes, PutResult } from '../../domain/counting/port.ts';
import { isPlain, placeOf, type Receipt, type ReceiptChange } from '../../domain/counting/receipt.ts';
import { laneKey } from '../../domain/keys.ts';
import { PartitionUnavailable, Unavailable } from '../../domain/system/unavailable.ts';
import { countDirectly } from './count-directly.ts';
import { laneByLane, retryLaneByLane } from './lane-by-lane.ts';
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
  const { results, notPut } = await putReceipts(
    deps,
    plain.map(({ to }) => to),
    hasTime,
  );
  const withResult = (wanted: PutResult) => new Set(plain.filter(({ to }) => results.get(to) === wanted));
  const [put, undecided] = [withResult('put'), withResult('undecided')];
  const counted = new Set(put);
  const met = new Map<string, Receipt>();
  const decided = changes.filter((change) => !undecided.has(change) && !notPut.has(laneKey(change.to.lane)));
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
    const lane = laneKey(change.to.lane);
    const error = notPut.get(lane) ?? failed.get(lane);
    if (error) return { outcome: 'open', error };
    if (counted.has(change)) return { outcome: 'counted', receipt: change.to };
    const receipt = met.get(placeName(change.to));
    if (receipt) return { outcome: 'met', receipt };
    return { outcome: 'open', error: new PartitionUnavailable('A receipt could not be put, or read again.') };
  });
}

/** Lane by lane if it fails for all together. */
async function putReceipts(
  { lanes }: CountReceiptsDeps,
  receipts: readonly Receipt[],
  hasTime: () => boolean,
): Promise<{
  readonly results: ReadonlyMap<Receipt, PutResult>;
  readonly notPut: ReadonlyMap<string, Unavailable>;
}> {
  const results = new Map<Receipt, PutResult>();
  const put = async (some: readonly Receipt[]) => {
    const own = await lanes.putReceipts(some);
    for (const [index, receipt] of some.entries()) results.set(receipt, own[index] ?? 'undecided');
  };
  try {
    await put(receipts);
    return { results, notPut: new Map() };
  } catch (error) {
    const isOfSeveral = new Set(receipts.map(({ lane }) => laneKey(lane))).size > 1;
    if (!(error instanceof Unavailable) || !isOfSeveral) throw error;
  }
  const notPut = await retryLaneByLane(receipts, ({ lane }) => lane, put, hasTime);
  return { results, notPut };
}

const isPut = ({ from, to }: ReceiptChange): boolean => !from && isPlain(to);

const placeName = (receipt: Receipt): string => `${laneKey(receipt.lane)} ${placeOf(receipt)}`;
