// The consumer: skip what is counted, store, count. What is around may fail at any call; then the consumer
// holds on to the records and tries again until its time is nearly up, and only then reports the first it did
// not finish. So an outage of the tables uses up few attempts, and a record that crashes the code uses up many.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { mapBounded } from '../../adapters/chunks.ts';
import type { Pause } from '../../domain/back-off.ts';
import { foldRecords } from '../../domain/counting.ts';
import { delivery } from '../../domain/delivery.ts';
import type { EnvelopeHeader } from '../../domain/envelope.ts';
import { metricNames } from '../../domain/metrics.ts';
import { type Clock, type Counts, Unavailable } from '../../domain/ports.ts';
import { type RecordFate, recordIdOf } from '../../domain/record-fate.ts';
import { countFold } from '../shared/count-records.ts';
import { type StoreDeps, storeRecord } from '../shared/store-record.ts';
import type { Meter } from '../shared/telemetry.ts';
import { requestOf, requestsOf, type TellDeps, tellCounted } from './tell-records.ts';
import { type OpenRecord, openRecords } from './wire.ts';

export type ConsumeDeps = StoreDeps &
  TellDeps & {
    readonly counts: Counts;
    readonly clock: Clock;
    /** Between tries of a dependency that is away, and of documents that others write at once. */
    readonly pauses: { readonly unavailable: Pause; readonly contested: Pause };
    readonly meter: Meter;
    readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  };

const reserveMs = delivery.holdReserveSeconds * 1000;
const recordsAtOnce = 4;

export const createConsume =
  (deps: ConsumeDeps) =>
  async (event: KinesisStreamEvent, remainingMs: () => number): Promise<KinesisStreamBatchResponse> => {
    const takenMs = deps.clock.now();
    const { readable, unreadable } = openRecords(event);
    for (const { sequenceNumber, error } of unreadable) {
      const { header } = error;
      deps.logger.error('a record cannot be read', {
        sequenceNumber,
        ...(header && requestOf(header)),
        header,
        error,
      });
    }
    let open: readonly OpenRecord[] = readable;
    for (let attempt = 0; open.length > 0; attempt += 1) {
      if (attempt > 0) {
        if (remainingMs() < reserveMs) break;
        hold(deps, open);
        await deps.pauses.unavailable(attempt - 1);
      }
      open = await tryRecords(deps, open, { takenMs, remainingMs });
    }
    const failed = [...unreadable, ...open].map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber }));
    return { batchItemFailures: failed };
  };

/** Answers with the records that are still to do. */
async function tryRecords(
  deps: ConsumeDeps,
  open: readonly OpenRecord[],
  { takenMs, remainingMs }: { readonly takenMs: number; readonly remainingMs: () => number },
): Promise<readonly OpenRecord[]> {
  const done = new Set<string>();
  const settle = (record: string) => done.add(record);
  await surviving(deps, headersOf(open), async () => {
    const receipts = await deps.counts.receipts(
      open.map(({ record, envelope }) => ({ tenant: envelope.header.tenant, record })),
    );
    for (const { record } of receipts) settle(record);
    const todo = open.filter(({ record }) => !done.has(record));
    const stored = await mapBounded(todo, recordsAtOnce, async (record) =>
      remainingMs() < reserveMs
        ? undefined
        : surviving(deps, headersOf([record]), () => storeRecord(deps, record)),
    );
    for (const fold of foldRecords(stored.filter((record) => record !== undefined))) {
      const headers = fold.map(({ header }) => header);
      await surviving(deps, headers, async () => {
        tell(deps, await countFold(deps, fold), takenMs);
        for (const header of headers) settle(recordIdOf(header));
      });
    }
  });
  return open.filter(({ record }) => !done.has(record));
}

const headersOf = (records: readonly OpenRecord[]): EnvelopeHeader[] =>
  records.map(({ envelope }) => envelope.header);

/** Told while it lasts: the metrics of this invocation would come a quarter of an hour late. */
function hold({ meter }: ConsumeDeps, open: readonly OpenRecord[]): void {
  meter.count(metricNames.heldRecords, open.length);
  meter.publish();
}

/** Undefined where a dependency is unavailable: the records concerned stay open. Everything else is a crash. */
async function surviving<T>(
  deps: ConsumeDeps,
  concerned: readonly EnvelopeHeader[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    deps.logger.warn('a dependency is unavailable; holding on', {
      error,
      records: concerned.length,
      requests: requestsOf(concerned),
    });
    return undefined;
  }
}

function tell(deps: ConsumeDeps, counted: readonly RecordFate[], takenMs: number): void {
  const countedMs = deps.clock.now();
  for (const record of counted) {
    measure(deps, record, countedMs);
    tellCounted(deps, record, { takenMs, countedMs });
  }
}

function measure({ meter }: ConsumeDeps, record: RecordFate, countedMs: number): void {
  const { header, fresh, duplicates, conflicts } = record;
  meter.milliseconds(metricNames.freshness, countedMs - header.receivedAtMs);
  meter.count(metricNames.storedEvents, fresh.length);
  if (duplicates > 0) meter.count(metricNames.duplicateEvents, duplicates);
  if (conflicts > 0) meter.count(metricNames.conflictingEvents, conflicts);
}
