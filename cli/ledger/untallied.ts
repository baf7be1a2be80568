// Receipts of records that the tally does not have. A record arrives within moments of its receipt by ingest, or up to a day
// later if its request is sent again with its idempotency key.

import type { Receipt } from '../../domain/counting/receipt.ts';
import { lanesOf, type Position, positionBefore } from '../../domain/keys.ts';
import { nameOfPlace, type RecordName } from '../../domain/record/record-id.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { hourMs } from '../../domain/system/time.ts';
import { quarterMs, quarterOf } from '../../domain/tally/sheet.ts';
import { isOf } from '../tenants.ts';
import type { Audited } from './audit.ts';

export type Untallied = Pick<Receipt, 'lane' | 'record' | 'receivedAtMs' | 'accepted' | 'state'>;

const lanesAtOnce = 16;
/** An idempotency key is kept for 24 hours. */
const latestArrivalMs = 25 * hourMs;

/** Received in the quarter of an hour, and not in any of the sets of names. */
export async function untalliedOf(
  { operator, access, filter }: Audited,
  startMs: number,
  toMs: number,
  tallied: readonly ReadonlySet<RecordName>[],
): Promise<Untallied[]> {
  const found: Untallied[] = [];
  if (toMs <= startMs) return found;
  const range = { first: positionBefore(startMs), to: positionBefore(Math.min(startMs + quarterMs, toMs)) };
  for await (const { tenant, mostSlots } of operator.accounts.tenants()) {
    if (!isOf(tenant, filter)) continue;
    await mapBounded(lanesOf(tenant, mostSlots), lanesAtOnce, async (lane) => {
      let after: Position | undefined = range.first;
      while (after !== undefined) {
        const page = await access.lanes.tail(lane, { after, to: range.to });
        for (const receipt of page.receipts)
          if (receipt.state !== 'void' && !tallied.some((names) => names.has(nameOfPlace(receipt))))
            found.push(toUntallied(receipt));
        after = page.next;
      }
    });
  }
  return found;
}

const toUntallied = ({ lane, record, receivedAtMs, accepted, state }: Receipt): Untallied => ({
  ...{ lane, record, receivedAtMs, accepted, state },
});

/** Leaves out those that arrived later. */
export async function withoutLateArrivals(
  { operator, access }: Audited,
  untallied: readonly Untallied[],
): Promise<readonly Untallied[]> {
  const left = new Map(untallied.map((each) => [nameOfPlace(each), each]));
  const received = untallied.map(({ receivedAtMs }) => receivedAtMs);
  const endMs = Math.min(Math.max(...received) + latestArrivalMs, operator.clock.now());
  for (let at = quarterOf(Math.min(...received)); left.size > 0 && at <= endMs; at += quarterMs)
    for await (const sheet of access.sheets.ofQuarter(at))
      for (const record of sheet.tallied) left.delete(nameOfPlace(record));
  return [...left.values()];
}
