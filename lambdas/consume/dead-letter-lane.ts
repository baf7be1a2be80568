// Takes the records of a lane off the stream into the bucket, as Lambda writes dead letters, because the tables refuse the
// lane. In quarantine they would be in the tables, which means more writes to what refuses them. Settle finds the object.

import { hash } from 'node:crypto';
import { deadLetterName } from '../../domain/keys.ts';
import { writeDeadLetter } from '../../domain/quarantine/dead-letters.ts';
import type { FailedRecords } from '../../domain/quarantine/port.ts';
import { recordIdOf } from '../../domain/record/record-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { requestsOf } from '../storing/record-telemetry.ts';
import type { LogDeps } from './log-records.ts';
import type { OwnedRecord } from './wire.ts';

export type DeadLetterDeps = Pick<LogDeps, 'logger'> & {
  readonly failedRecords: Pick<FailedRecords, 'put'>;
  readonly meter: Pick<Meter, 'count' | 'publish'>;
};

/** All are of one lane. Returns whether they are in the bucket: only then may the stream go on (A1). */
export async function deadLetterLane(
  deps: DeadLetterDeps,
  records: readonly OwnedRecord[],
): Promise<boolean> {
  const headers = records.map(({ header }) => header);
  const [first] = headers;
  if (!first) return true;
  const digest = hash('sha256', headers.map(recordIdOf).join(), 'base64url');
  const name = deadLetterName(first.tenant, recordIdOf(first), digest);
  try {
    await deps.failedRecords.put(name, writeDeadLetter(records));
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return false;
  }
  deps.meter.count(metricNames.deadLetteredRecords, records.length);
  deps.meter.publish();
  deps.logger.warn(
    'records leave the stream as a dead letter: the tables refuse their lane, and serve others',
    {
      ...first.tenant,
      slot: first.slot,
      late: first.late,
      object: name,
      records: records.length,
      requests: requestsOf(headers),
    },
  );
  return true;
}
