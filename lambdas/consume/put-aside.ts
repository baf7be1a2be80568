// Takes a record that cannot be stored out of the way of its shard, and tells.

import { unreadableName } from '../../domain/keys.ts';
import { metricNames } from '../../domain/metrics.ts';
import { type RecordFate, recordIdOf } from '../../domain/record-fate.ts';
import { setAsideRecord } from '../shared/set-aside.ts';
import { requestOf } from './tell-records.ts';
import type { TryDeps } from './try-records.ts';
import type { OwnedRecord, UnreadableRecord } from './wire.ts';

export async function putAside(
  deps: TryDeps,
  { header, data }: OwnedRecord,
  { setAside }: RecordFate,
): Promise<void> {
  if (!setAside || !(await setAsideRecord(deps, { header, data, setAside }))) return;
  deps.logger.error('a record is set aside', {
    ...requestOf(header),
    ...header.tenant,
    record: recordIdOf(header),
    events: header.events,
    ...setAside,
  });
}

/** It has no receipt, because nobody knows whose that would be: it is kept under its place in the stream. */
export async function keepUnreadable(
  { failedRecords, meter, logger }: TryDeps,
  { sequenceNumber, data, error }: UnreadableRecord,
): Promise<void> {
  await failedRecords.put(unreadableName(sequenceNumber), data);
  meter.count(metricNames.quarantinedRecords, 1);
  logger.error('a record cannot be read', { sequenceNumber, error });
}
