// Counts a fold of stored records: receipts and documents in one transaction. Who loses a race reads again;
// a record that somebody else counted meanwhile leaves the fold.

import type { Pause } from '../../domain/back-off.ts';
import { type Clock, type Counts, Unavailable } from '../../domain/ports.ts';
import {
  countRecords,
  documentsTouched,
  receiptOf,
  recordIdOf,
  type StoredRecord,
} from '../../domain/stored-record.ts';

const maxTries = 10;

export type CountDeps = {
  readonly counts: Counts;
  readonly clock: Clock;
  readonly pauses: { readonly contested: Pause };
};

/** Answers with the records that this call counted. */
export async function countFold(
  { counts, clock, pauses }: CountDeps,
  fold: readonly StoredRecord[],
): Promise<readonly StoredRecord[]> {
  let records = fold;
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    if (records.length === 0) return records;
    if (attempt > 0) await pauses.contested(attempt - 1);
    const found = await counts.documents([...documentsTouched(records).values()]);
    const nowMs = clock.now();
    const result = await counts.commit({
      receipts: records.map((record) => receiptOf(record, nowMs)),
      documents: countRecords(records, found),
    });
    if (result.outcome === 'committed') return records;
    const taken = new Set(result.alreadyCounted);
    records = records.filter(({ header }) => !taken.has(recordIdOf(header)));
  }
  throw new Unavailable('The documents of a slot kept moving while they were counted into.');
}
