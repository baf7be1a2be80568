// Counts records by their receipts. Mostly that is a plain insert, nothing that is contended, and a run folds it later. A
// record that comes from quarantine or goes there, or whose delta is large, is counted directly.

import type { Lanes } from '../../domain/counting/port.ts';
import { isPlain, type LaneReceipt, type LaneReceiptChange } from '../../domain/counting/receipt.ts';
import { countKey } from '../../domain/keys.ts';
import { countDirectly } from './count-directly.ts';
import { type SettleReceiptsDeps, settleReceipts } from './settle-receipts.ts';

export type CountReceiptsDeps = SettleReceiptsDeps & {
  readonly lanes: Pick<Lanes, 'putReceipts' | 'receipts'>;
};

export type CountedReceipts = {
  /** Put or counted by this call. */
  readonly counted: readonly LaneReceipt[];
  /** What is there instead of the others. Plain ones are settled: who put them may have ended before it did. */
  readonly met: readonly LaneReceipt[];
};

/** Once this returns, each record is counted or quarantined, by this call or another. */
export async function countReceipts(
  deps: CountReceiptsDeps,
  changes: readonly LaneReceiptChange[],
): Promise<CountedReceipts> {
  const plain = changes.filter(isPut).map(({ to }) => to);
  const results = await deps.lanes.putReceipts(plain);
  const put = plain.filter((_, index) => results[index] === 'put');
  const committed = await countDirectly(
    deps,
    changes.filter((change) => !isPut(change)),
  );
  const counted = [...put, ...committed.map(({ to }) => to)];
  const known = new Set(counted.map(placeName));
  const lost = changes.map(({ to }) => to).filter((receipt) => !known.has(placeName(receipt)));
  const met = lost.length > 0 ? await deps.lanes.receipts(lost) : [];
  await settleReceipts(deps, [...put, ...met.filter(isPlain)]);
  return { counted, met };
}

const isPut = ({ from, to }: LaneReceiptChange): boolean => !from && isPlain(to);

const placeName = ({ lane, record }: LaneReceipt): string => `${countKey(lane)} ${record}`;
