// Counts a fold of stored records: writes their receipts and the documents in one transaction. If another consumer wrote
// a document first, it reads again and retries, without the records that the other has counted.

import { type RecordId, recordIdOf } from '../../domain/record/record-id.ts';
import { countRecords, documentsTouched, marksOf } from '../../domain/storing/counting.ts';
import type { Counts } from '../../domain/storing/port.ts';
import { changeOf, type RecordOutcome } from '../../domain/storing/record-outcome.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import type { Clock } from '../../domain/system/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

const maxTries = 10;

export type CountDeps = {
  readonly counts: Pick<Counts, 'receipts' | 'documents' | 'commit'>;
  readonly clock: Clock;
  readonly pauses: { readonly contested: Pause };
};

/** Returns the records that this call counted. */
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
    await assertDecided(counts, records, result.taken);
    const taken = new Set(result.taken);
    records = records.filter(({ header }) => !taken.has(recordIdOf(header)));
  }
  throw new Unavailable(
    `Other consumers changed the documents of a slot during each of ${maxTries} tries to count.`,
  );
}

/** A receipt that another consumer has put instead decides the record, unless it is void: then the record is tried again. */
async function assertDecided(
  counts: Pick<Counts, 'receipts'>,
  records: readonly RecordOutcome[],
  taken: readonly RecordId[],
): Promise<void> {
  const places = records
    .map(({ header }) => ({ tenant: header.tenant, record: recordIdOf(header) }))
    .filter(({ record }) => taken.includes(record));
  if (places.length === 0) return;
  const receipts = await counts.receipts(places);
  if (receipts.some(({ state }) => state === 'void'))
    throw new Unavailable('The place of a record was taken as void while the record was stored.');
}
