// Quarantines whole records: first the job that removes the payload when its time is over, then the payload, so that none
// is kept for ever and a receipt never names one that is not kept, then the receipt with the reason and the counts. A
// record that has a receipt is skipped, unless that is void: what is counted stays counted.

import type { Logger } from '@aws-lambda-powertools/logger';
import { payloadName, unreadableName } from '../../domain/keys.ts';
import type { FailedRecords, Quarantine } from '../../domain/quarantine/port.ts';
import { type Job, newJob, payloadGraceMs, type StoringFailure } from '../../domain/quarantine/quarantine.ts';
import { type EnvelopeHeader, NewerEnvelope, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { nameOfPlace, placeOfRecord, recordIdOf, recordNameOf } from '../../domain/record/record-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import {
  changeOf,
  eventsExpireAtMs,
  type QuarantineCause,
  quarantinedOutcome,
} from '../../domain/storing/record-outcome.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type CountReceiptsDeps, countReceipts } from '../counting/count-receipts.ts';
import { settleReceipts } from '../counting/settle-receipts.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { requestOf } from './record-telemetry.ts';

export type QuarantineDeps = CountReceiptsDeps & {
  readonly quarantine: Pick<Quarantine, 'schedule'>;
  readonly failedRecords: Pick<FailedRecords, 'put'>;
  readonly meter: Pick<Meter, 'count' | 'publish'>;
  readonly logger: Pick<Logger, 'error'>;
};

/** A record whose header can be read, and why it is not stored. */
export type RecordToQuarantine = {
  readonly header: EnvelopeHeader;
  readonly data: Uint8Array;
  readonly cause: QuarantineCause;
};

/** A record whose header cannot be read, so that its account is unknown. */
export type UnreadableRecord = {
  readonly sequenceNumber: string;
  readonly data: Uint8Array;
  readonly error: UnreadableEnvelope;
};

/**
 * Skips a record that another try has counted or quarantined. Rejects with Unavailable if a dependency is unavailable. If
 * one record is at fault, it quarantines the others and then rejects.
 */
export async function quarantineRecords(
  deps: QuarantineDeps,
  records: readonly RecordToQuarantine[],
): Promise<void> {
  // A batch may hold a record more than once.
  const byName = new Map(records.map((record) => [recordNameOf(record.header), record]));
  const distinct = [...byName.values()];
  try {
    await quarantineTogether(deps, distinct);
  } catch (error) {
    if (error instanceof Unavailable || distinct.length === 1) throw error;
    const errors = [];
    for (const record of distinct) {
      const [result] = await Promise.allSettled([quarantineTogether(deps, [record])]);
      if (result.status === 'rejected') errors.push(result.reason);
    }
    if (errors.length > 0) throw errors[0];
  }
}

const payloadsAtOnce = 4;

async function quarantineTogether(
  deps: QuarantineDeps,
  records: readonly RecordToQuarantine[],
): Promise<void> {
  const receipts = await deps.lanes.receipts(records.map(({ header }) => placeOfRecord(header)));
  await settleReceipts(deps, receipts);
  const found = new Map(receipts.map((receipt) => [nameOfPlace(receipt), receipt]));
  const open = records.filter(({ header }) => (found.get(recordNameOf(header))?.state ?? 'void') === 'void');
  await mapBounded(open, payloadsAtOnce, async ({ header, data }) => {
    await deps.quarantine.schedule(expiryOf(header));
    await deps.failedRecords.put(payloadName(header.tenant, recordIdOf(header)), data);
  });
  const nowMs = deps.clock.now();
  const changes = open.map(({ header, data, cause }) => {
    const isVoid = found.get(recordNameOf(header));
    const outcome = { ...quarantinedOutcome(header, data.length, cause), ...(isVoid && { found: isVoid }) };
    return changeOf(outcome, nowMs);
  });
  const results = await countReceipts(deps, changes);
  open.forEach(({ header, cause }, index) => {
    if (results[index]?.outcome === 'counted') logQuarantined(deps, header, cause);
  });
  // Published now: if the function crashed after this, no later try would count these records.
  deps.meter.publish();
  for (const result of results) {
    if (result.outcome === 'open') throw result.error;
    if (result.receipt.state === 'void')
      throw new Unavailable('The place of a record was taken as void while it was quarantined.');
  }
}

const expiryOf = (header: EnvelopeHeader): Job =>
  newJob('expire', placeOfRecord(header), eventsExpireAtMs(header) + payloadGraceMs);

function logQuarantined(
  { meter, logger }: QuarantineDeps,
  header: EnvelopeHeader,
  cause: QuarantineCause,
): void {
  meter.count(metricNames.quarantinedRecords, 1);
  meter.count(metricNames.quarantinedEvents, header.events);
  logger.error('a record is quarantined', {
    ...requestOf(header),
    ...header.tenant,
    record: recordIdOf(header),
    events: header.events,
    ...cause,
  });
}

/** Its account is unknown, so it gets no receipt. The payload is kept under the sequence number. */
export async function keepUnreadable(
  { failedRecords, meter, logger }: Pick<QuarantineDeps, 'failedRecords' | 'meter' | 'logger'>,
  { sequenceNumber, data, error }: UnreadableRecord,
): Promise<void> {
  await failedRecords.put(unreadableName(sequenceNumber), data);
  meter.count(metricNames.quarantinedRecords, 1);
  logger.error('a record cannot be read', { sequenceNumber, error });
}

/**
 * Why a record was not stored, if the record or our own code is at fault. Rethrows a transient error. `cause` is only the
 * name of the error, because the message may hold what a client sent; that of UnreadableEnvelope never does.
 */
export function failureOf(error: unknown): {
  readonly reason: StoringFailure;
  readonly cause: string;
} {
  if (error instanceof Unavailable) throw error;
  if (error instanceof NewerEnvelope) return { reason: 'newer_version', cause: error.message };
  if (error instanceof UnreadableEnvelope) return { reason: 'undecodable', cause: error.message };
  return { reason: 'failed', cause: error instanceof Error ? error.name : typeof error };
}
