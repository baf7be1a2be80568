// How logs name the request that a record came with, and what metrics say of a record that was counted.

import type { EnvelopeHeader } from '../../domain/record/envelope.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { RecordOutcome } from '../../domain/storing/record-outcome.ts';
import { readTrace, type TraceContext } from '../../domain/system/trace.ts';
import type { Meter } from '../runtime/telemetry.ts';

/** Of a warning: in an outage all records of an invocation are in trouble at once. */
const mostNamed = 10;

/** Asks for its type, because a record that cannot be read is told too: its checksum is that of the body alone. */
export const traceOfRecord = ({ trace }: EnvelopeHeader): TraceContext | undefined =>
  typeof trace === 'string' ? readTrace(trace) : undefined;

type RequestName = { readonly request_id: string; readonly trace_id?: string };

export function requestOf(header: EnvelopeHeader): RequestName {
  const trace = traceOfRecord(header);
  return { request_id: header.requestId, ...(trace && { trace_id: trace.traceId }) };
}

export const requestsOf = (headers: readonly EnvelopeHeader[]): RequestName[] =>
  headers.slice(0, mostNamed).map(requestOf);

/** But for freshness, which is the consumer's: how long a record was in quarantine says nothing of the way here. */
export function measureCounted(
  meter: Pick<Meter, 'count'>,
  { fresh, duplicates, conflicts, found }: RecordOutcome,
): void {
  meter.count(metricNames.storedEvents, fresh.length);
  if (duplicates > 0) meter.count(metricNames.duplicateEvents, duplicates);
  if (conflicts > 0) meter.count(metricNames.conflictingEvents, conflicts);
  if (found) meter.count(metricNames.replayedRecords, 1);
}
