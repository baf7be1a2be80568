// Sets a whole record aside: its payload first, so that a receipt never promises what is not kept, then its receipt with
// the reason and the counts. Only where there is no receipt: what is counted stays counted.

import type { Logger } from '@aws-lambda-powertools/logger';
import { type EnvelopeHeader, UnreadableEnvelope } from '../../domain/envelope.ts';
import { payloadName, unreadableName } from '../../domain/keys.ts';
import { metricNames } from '../../domain/metrics.ts';
import type { Counts, FailedRecords } from '../../domain/ports.ts';
import { recordIdOf, type SetAside } from '../../domain/record-fate.ts';
import { type CountDeps, countFold } from './count-records.ts';
import { requestOf } from './record-telemetry.ts';
import type { Meter } from './telemetry.ts';

export type SetAsideDeps = CountDeps & {
  readonly counts: Pick<Counts, 'receipts' | 'documents' | 'commit'>;
  readonly failedRecords: Pick<FailedRecords, 'put'>;
  readonly meter: Pick<Meter, 'count'>;
  readonly logger: Pick<Logger, 'error'>;
};

/** A record whose header can be read, and why it is not stored. */
export type RecordToSetAside = {
  readonly header: EnvelopeHeader;
  readonly data: Uint8Array;
  readonly setAside: SetAside;
};

/** Nobody can tell whose it is. */
export type UnreadableRecord = {
  readonly sequenceNumber: string;
  readonly data: Uint8Array;
  readonly error: UnreadableEnvelope;
};

/** Whether it was this call that did it: somebody else may have counted it, or set it aside, meanwhile. */
export async function setAsideRecord(
  deps: SetAsideDeps,
  { header, data, setAside }: RecordToSetAside,
): Promise<boolean> {
  const { tenant } = header;
  const record = recordIdOf(header);
  const [receipt] = await deps.counts.receipts([{ tenant, record }]);
  if (receipt) return false;
  await deps.failedRecords.put(payloadName(tenant, record), data);
  const fate = { header, fresh: [], duplicates: 0, conflicts: 0, bytes: data.length, setAside };
  const counted = await countFold(deps, [fate]);
  if (counted.length === 0) return false;
  deps.meter.count(metricNames.quarantinedRecords, 1);
  deps.meter.count(metricNames.quarantinedEvents, header.events);
  deps.logger.error('a record is set aside', {
    ...requestOf(header),
    ...tenant,
    record,
    events: header.events,
    ...setAside,
  });
  return true;
}

/** It has no receipt, because nobody knows whose that would be: it is kept under its place in the stream. */
export async function keepUnreadable(
  { failedRecords, meter, logger }: Pick<SetAsideDeps, 'failedRecords' | 'meter' | 'logger'>,
  { sequenceNumber, data, error }: UnreadableRecord,
): Promise<void> {
  await failedRecords.put(unreadableName(sequenceNumber), data);
  meter.count(metricNames.quarantinedRecords, 1);
  logger.error('a record cannot be read', { sequenceNumber, error });
}

/** What may be said of an error beside the payload: its message may hold what a client sent, unless it is ours. */
export function causeOf(error: unknown): string {
  if (error instanceof UnreadableEnvelope) return error.message;
  return error instanceof Error ? error.name : typeof error;
}
