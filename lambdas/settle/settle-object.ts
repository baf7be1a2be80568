// Settles one object that Lambda left in the bucket: each of its records is set aside where it has no receipt, and
// then the object goes. Done again, or by several at once, it ends in the same state.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { FailedRecords } from '../../domain/quarantine/port.ts';
import { type EnvelopeHeader, readHeader, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import {
  keepUnreadable,
  type QuarantineDeps,
  quarantineRecords,
  type RecordToQuarantine,
} from '../storing/quarantine-records.ts';
import { type FailedRecord, readFailure } from './failure.ts';

export type SettleObjectDeps = QuarantineDeps & {
  readonly failedRecords: Pick<FailedRecords, 'get' | 'put' | 'remove'>;
  readonly logger: Pick<Logger, 'error'>;
};

export async function settleObject(deps: SettleObjectDeps, name: string): Promise<void> {
  const object = await deps.failedRecords.get(name);
  // Somebody was quicker.
  if (!object) return;
  const { reason, records } = readFailure(object);
  const owned: RecordToQuarantine[] = [];
  for (const record of records) {
    const header = tryHeader(record);
    if (header instanceof UnreadableEnvelope) await keepUnreadable(deps, { ...record, error: header });
    else owned.push({ header, data: record.data, cause: { reason } });
  }
  await quarantineRecords(deps, owned);
  await deps.failedRecords.remove(name);
}

/** No look at the body: it may be what ended the consumer, and would end this function too. */
function tryHeader({ data }: FailedRecord): EnvelopeHeader | UnreadableEnvelope {
  try {
    return readHeader(data);
  } catch (error) {
    if (!(error instanceof UnreadableEnvelope)) throw error;
    return error;
  }
}
