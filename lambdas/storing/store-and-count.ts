// Stores, counts and measures records: what a try of the consumer does, and a replay from quarantine.

import type { Receipt } from '../../domain/counting/receipt.ts';
import { changeOf, type RecordOutcome } from '../../domain/storing/record-outcome.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type Counted, type CountReceiptsDeps, countReceipts } from '../counting/count-receipts.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { measureCounted } from './record-telemetry.ts';
import { type RecordToStore, type StoreDeps, type Stored, storeRecords } from './store-records.ts';

export type StoreAndCountDeps = StoreDeps &
  CountReceiptsDeps & {
    readonly lanes: StoreDeps['lanes'] & CountReceiptsDeps['lanes'];
    readonly clock: StoreDeps['clock'] & CountReceiptsDeps['clock'];
    readonly meter: Pick<Meter, 'count'>;
  };

/** counted: by this call. met: another call has decided the record. failed and open: see Stored. */
export type Fate =
  | { readonly outcome: 'counted'; readonly record: RecordOutcome; readonly receipt: Receipt }
  | { readonly outcome: 'met'; readonly receipt: Receipt }
  | Exclude<Stored, { outcome: 'stored' }>;

/** In the order of the records, which must be different ones. */
export async function storeAndCount(
  deps: StoreAndCountDeps,
  records: readonly RecordToStore[],
  hasTime: () => boolean,
): Promise<Fate[]> {
  const stored = await storeRecords(deps, records, hasTime);
  const outcomes = stored.flatMap((each) => (each.outcome === 'stored' ? each.record : []));
  const counted = hasTime() ? await countAll(deps, outcomes, hasTime) : [];
  let next = 0;
  return stored.map((each): Fate => {
    if (each.outcome !== 'stored') return each;
    next += 1;
    return (
      counted[next - 1] ?? { outcome: 'open', error: new Unavailable('There is no time left to count it.') }
    );
  });
}

async function countAll(
  deps: StoreAndCountDeps,
  outcomes: readonly RecordOutcome[],
  hasTime: () => boolean,
): Promise<Fate[]> {
  try {
    const nowMs = deps.clock.now();
    const results = await countReceipts(
      deps,
      outcomes.map((outcome) => changeOf(outcome, nowMs)),
      hasTime,
    );
    return results.map((result, index) => fateOf(deps, outcomes[index] as RecordOutcome, result));
  } catch (error) {
    if (error instanceof Unavailable) return outcomes.map(() => ({ outcome: 'open', error }));
    if (outcomes.length === 1) return [{ outcome: 'failed', error }];
    // One record is at fault: alone, the others are counted.
    const fates: Fate[] = [];
    for (const outcome of outcomes) fates.push(...(await countAll(deps, [outcome], hasTime)));
    return fates;
  }
}

function fateOf({ meter }: StoreAndCountDeps, record: RecordOutcome, result: Counted): Fate {
  if (result.outcome === 'open') return result;
  const { outcome, receipt } = result;
  if (outcome === 'met') {
    if (receipt.state !== 'void') return { outcome, receipt };
    // Decided again, because its ids may belong to others by now.
    return { outcome: 'open', error: new Unavailable('The place of the record was taken as void.') };
  }
  measureCounted(meter, record);
  return { outcome, record, receipt };
}
