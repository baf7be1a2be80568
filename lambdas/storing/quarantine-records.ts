// Sets whole records aside: the payload first, so that a receipt never promises what is not kept, then the receipt with
// the reason and the counts. Only where there is no receipt: what is counted stays counted.

import type { Logger } from '@aws-lambda-powertools/logger';
import { payloadName, unreadableName } from '../../domain/keys.ts';
import { type Counts, type FailedRecords, Unavailable } from '../../domain/ports.ts';
import { type EnvelopeHeader, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { foldRecords } from '../../domain/storing/counting.ts';
import {
  type RecordFate,
  recordIdOf,
  recordName,
  recordNameOf,
  type SetAside,
} from '../../domain/storing/record-outcome.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { type CountDeps, countFold } from './count-records.ts';
import { requestOf } from './record-telemetry.ts';

export type SetAsideDeps = CountDeps & {
  readonly counts: Pick<Counts, 'receipts' | 'documents' | 'commit'>;
  readonly failedRecords: Pick<FailedRecords, 'put'>;
  readonly meter: Pick<Meter, 'count' | 'publish'>;
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

/**
 * What somebody else counted, or set aside, meanwhile is left as it is. Rejects with Unavailable where what is around is
 * away; where a record is at fault the others are set aside all the same, and then it rejects with that.
 */
export async function setAsideRecords(
  deps: SetAsideDeps,
  records: readonly RecordToSetAside[],
): Promise<void> {
  // Once each, however often one comes.
  const byName = new Map(records.map((record) => [recordNameOf(record.header), record]));
  const some = [...byName.values()];
  try {
    await setAsideTogether(deps, some);
  } catch (error) {
    if (error instanceof Unavailable || some.length === 1) throw error;
    const faults = [];
    for (const record of some) {
      const [fault] = await Promise.allSettled([setAsideTogether(deps, [record])]);
      if (fault.status === 'rejected') faults.push(fault.reason);
    }
    if (faults.length > 0) throw faults[0];
  }
}

async function setAsideTogether(deps: SetAsideDeps, records: readonly RecordToSetAside[]): Promise<void> {
  const receipts = await deps.counts.receipts(
    records.map(({ header }) => ({ tenant: header.tenant, record: recordIdOf(header) })),
  );
  const settled = new Set(receipts.map(({ tenant, record }) => recordName(tenant, record)));
  const open = records.filter(({ header }) => !settled.has(recordNameOf(header)));
  await mapBounded(open, payloadsAtOnce, ({ header, data }) =>
    deps.failedRecords.put(payloadName(header.tenant, recordIdOf(header)), data),
  );
  for (const fold of foldRecords(open.map(fateOf))) {
    for (const { header, setAside } of await countFold(deps, fold)) tell(deps, header, setAside);
    // At once: whatever ends the function after this would take along what nobody counts again.
    deps.meter.publish();
  }
}

const payloadsAtOnce = 4;

const fateOf = ({ header, data, setAside }: RecordToSetAside): RecordFate => ({
  header,
  fresh: [],
  duplicates: 0,
  conflicts: 0,
  bytes: data.length,
  setAside,
});

function tell({ meter, logger }: SetAsideDeps, header: EnvelopeHeader, setAside?: SetAside): void {
  meter.count(metricNames.quarantinedRecords, 1);
  meter.count(metricNames.quarantinedEvents, header.events);
  logger.error('a record is set aside', {
    ...requestOf(header),
    ...header.tenant,
    record: recordIdOf(header),
    events: header.events,
    ...setAside,
  });
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
