// Settles one dead letter in the bucket, of Lambda or of consume: quarantines each record that has no receipt,
// then removes the object (A3). Several invocations may settle the same object, one after another or at once, with the same
// result.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { FailedRecords } from '../../domain/quarantine/port.ts';
import { type EnvelopeHeader, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { readRecordHeader } from '../../domain/record/record-header.ts';
import { type DeadLetterRecord, readDeadLetter } from '../storing/dead-letters.ts';
import { type DropDeps, withoutDeleted } from '../storing/deleted-accounts.ts';
import {
  keepUnreadable,
  type QuarantineDeps,
  quarantineRecords,
  type RecordToQuarantine,
} from '../storing/quarantine-records.ts';

export type SettleObjectDeps = QuarantineDeps &
  DropDeps & {
    readonly failedRecords: Pick<FailedRecords, 'get' | 'put' | 'remove'>;
    readonly logger: Pick<Logger, 'error' | 'info'>;
  };

export async function settleObject(deps: SettleObjectDeps, name: string): Promise<void> {
  const object = await deps.failedRecords.get(name);
  // Another invocation has settled it.
  if (!object) return;
  const { reason, records } = readDeadLetter(object);
  const owned: RecordToQuarantine[] = [];
  for (const record of records) {
    const header = readHeaderOrError(record);
    if (header instanceof UnreadableEnvelope) await keepUnreadable(deps, { ...record, error: header });
    else owned.push({ header, data: record.data, cause: { reason } });
  }
  await quarantineRecords(deps, await withoutDeleted(deps, owned));
  await deps.failedRecords.remove(name);
}

/** Only the header: the body may be what crashed the consumer, and would crash this function too. */
function readHeaderOrError({ data, partitionKey }: DeadLetterRecord): EnvelopeHeader | UnreadableEnvelope {
  try {
    return readRecordHeader(data, partitionKey);
  } catch (error) {
    if (!(error instanceof UnreadableEnvelope)) throw error;
    return error;
  }
}
