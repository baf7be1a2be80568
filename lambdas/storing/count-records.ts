// Counts a fold of stored records: receipts and documents in one transaction. Who loses a race reads again;
// a record that somebody else counted meanwhile leaves the fold.

import { recordIdOf } from '../../domain/record/record-id.ts';
import { countRecords, documentsTouched, marksOf } from '../../domain/storing/counting.ts';
import type { Counts } from '../../domain/storing/port.ts';
import { changeOf, type RecordOutcome } from '../../domain/storing/record-outcome.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import type { Clock } from '../../domain/system/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

const maxTries = 10;

export type CountDeps = {
  readonly counts: Pick<Counts, 'documents' | 'commit'>;
  readonly clock: Clock;
  readonly pauses: { readonly contested: Pause };
};

/** Answers with the records that this call counted. */
export async function countFold(
  { counts, clock, pauses }: CountDeps,
  fold: readonly RecordOutcome[],
): Promise<readonly RecordOutcome[]> {
  let records = fold;
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    if (records.length === 0) return records;
    if (attempt > 0) await pauses.contested(attempt - 1);
    const found = await counts.documents([...documentsTouched(records).values()]);
    const nowMs = clock.now();
    const result = await counts.commit({
      changes: records.map((record) => changeOf(record, nowMs)),
      documents: countRecords(records, found),
      marks: marksOf(records, nowMs),
    });
    if (result.outcome === 'committed') return records;
    const taken = new Set(result.taken);
    records = records.filter(({ header }) => !taken.has(recordIdOf(header)));
  }
  throw new Unavailable('The documents of a slot kept moving while they were counted into.');
}
