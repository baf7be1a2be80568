// Decides each record of a fold: stored and counted, or quarantined because the record or our own code is at fault. A
// transient error decides nothing: the record stays open and is retried.

import { decodeEnvelope, type EnvelopeHeader } from '../../domain/record/envelope.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import {
  type QuarantineCause,
  quarantinedOutcome,
  type RecordOutcome,
} from '../../domain/storing/record-outcome.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { type CountDeps, countFold } from '../storing/count-records.ts';
import { failureOf } from '../storing/quarantine-records.ts';
import { measureCounted, requestOf, requestsOf } from '../storing/record-telemetry.ts';
import { type StoreDeps, storeRecord } from '../storing/store-record.ts';
import { type LogDeps, logCounted } from './log-records.ts';
import type { OwnedRecord } from './wire.ts';

export type DecideDeps = StoreDeps & CountDeps & LogDeps & { readonly meter: Meter };

/** `takenMs` is when the invocation started. `hasTime` is false shortly before its timeout: then no work is started. */
export type Invocation = { readonly takenMs: number; readonly hasTime: () => boolean };

/** `found` is the receipt of the record, if it is in quarantine or void. */
export async function storeOrFindCause(
  deps: DecideDeps,
  { header, data }: OwnedRecord,
  found: Receipt | undefined,
): Promise<RecordOutcome> {
  const bytes = data.length;
  try {
    return await storeRecord(deps, { envelope: decodeEnvelope(data), bytes, ...(found && { found }) });
  } catch (error) {
    return quarantinedOutcome(header, bytes, causeOf(deps, header, error));
  }
}

/** Returns the decided records: counted, by this call or by another consumer, or to be quarantined. */
export async function count(
  deps: DecideDeps,
  fold: readonly RecordOutcome[],
  invocation: Invocation,
): Promise<readonly RecordOutcome[]> {
  if (!invocation.hasTime()) return [];
  const headers = fold.map(({ header }) => header);
  const decided = await unlessUnavailable(deps, headers, async () => {
    try {
      measure(deps, await countFold(deps, fold), invocation.takenMs);
      return fold;
    } catch (error) {
      // One record is at fault. Counted singly, the others are not quarantined with it.
      if (fold.length > 1 && !(error instanceof Unavailable)) return 'one by one';
      return fold.map(({ header, bytes }) => quarantinedOutcome(header, bytes, causeOf(deps, header, error)));
    }
  });
  if (decided !== 'one by one') return decided ?? [];
  const singly: RecordOutcome[] = [];
  for (const outcome of fold) singly.push(...(await count(deps, [outcome], invocation)));
  return singly;
}

/** Undefined if a dependency is unavailable: these records stay open. Any other error is a bug and is thrown. */
export async function unlessUnavailable<T>(
  { logger }: Pick<LogDeps, 'logger'>,
  headers: readonly EnvelopeHeader[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    logger.warn('a dependency is unavailable; the records are retried', {
      ...errorFields(error),
      records: headers.length,
      requests: requestsOf(headers),
    });
    return undefined;
  }
}

function causeOf({ logger }: DecideDeps, header: EnvelopeHeader, error: unknown): QuarantineCause {
  const failure = failureOf(error);
  if (failure.reason === 'failed')
    logger.error('a record makes our own code fail', { ...requestOf(header), header, error });
  return failure;
}

function measure(deps: DecideDeps, counted: readonly RecordOutcome[], takenMs: number): void {
  const countedMs = deps.clock.now();
  for (const record of counted) {
    deps.meter.milliseconds(metricNames.freshness, countedMs - record.header.receivedAtMs);
    measureCounted(deps.meter, record);
    logCounted(deps, record, { takenMs, countedMs });
  }
}
