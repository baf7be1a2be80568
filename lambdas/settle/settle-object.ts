// Settles one dead letter in the bucket, of Lambda or of consume: quarantines each record that has no receipt, counts
// rejections, then removes the object (A3). Several invocations may settle the same object, one after another or at once, with the same
// result.

import type { Logger } from '@aws-lambda-powertools/logger';
import { type DeadLetterRecord, readDeadLetter } from '../../domain/quarantine/dead-letters.ts';
import type { FailedRecords } from '../../domain/quarantine/port.ts';
import type { QuarantineReason } from '../../domain/quarantine/quarantine.ts';
import { type EnvelopeHeader, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { readRecordHeader } from '../../domain/record/record-header.ts';
import {
  type CountRejectionsDeps,
  countRejections,
  dropRejections,
  isOfRejections,
} from '../storing/count-rejections.ts';
import { type DropDeps, withoutDeleted } from '../storing/deleted-accounts.ts';
import {
  keepUnreadable,
  type QuarantineDeps,
  quarantineRecords,
  type RecordToQuarantine,
} from '../storing/quarantine-records.ts';

export type SettleObjectDeps = QuarantineDeps &
  CountRejectionsDeps &
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
  const living = await withoutDeleted(deps, owned);
  await quarantineRecords(
    deps,
    living.filter((record) => !isOfRejections(record)),
  );
  await countAgain(deps, reason, living.filter(isOfRejections));
  await deps.failedRecords.remove(name);
}

/** Rejections are counted here: in quarantine they would wait for nothing. What crashes the consumer would crash this too. */
async function countAgain(
  deps: SettleObjectDeps,
  reason: QuarantineReason,
  records: readonly RecordToQuarantine[],
): Promise<void> {
  if (records.length === 0) return;
  if (reason === 'crashed') {
    dropRejections(deps, records, new Error('They are in a dead letter of what crashed the consumer.'));
    return;
  }
  const [unavailable] = (await countRejections(deps, records)).values();
  if (unavailable) throw unavailable;
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
