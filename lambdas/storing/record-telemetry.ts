// How logs name the request of a record, and the metrics of a counted record.

import type { EnvelopeHeader } from '../../domain/record/envelope.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { RecordOutcome } from '../../domain/storing/record-outcome.ts';
import { readTrace, type TraceContext } from '../../domain/system/trace.ts';
import type { Meter } from '../runtime/telemetry.ts';

/** In one log line. During an outage a warning is about all records of an invocation. */
const mostNamed = 10;

export const traceOfRecord = ({ trace }: EnvelopeHeader): TraceContext | undefined =>
  trace === undefined ? undefined : readTrace(trace);

type RequestName = { readonly request_id: string; readonly trace_id?: string };

export function requestOf(header: EnvelopeHeader): RequestName {
  const trace = traceOfRecord(header);
  return { request_id: header.requestId, ...(trace && { trace_id: trace.traceId }) };
}

export const requestsOf = (headers: readonly EnvelopeHeader[]): RequestName[] =>
  headers.slice(0, mostNamed).map(requestOf);

/** Without freshness, which only the consumer measures: the time of a record in quarantine would distort it. */
export function measureCounted(
  meter: Pick<Meter, 'count'>,
  { stored, duplicates, conflicts, found }: RecordOutcome,
): void {
  meter.count(metricNames.storedEvents, stored);
  if (duplicates > 0) meter.count(metricNames.duplicateEvents, duplicates);
  if (conflicts > 0) meter.count(metricNames.conflictingEvents, conflicts);
  if (found?.state === 'quarantined') meter.count(metricNames.replayedRecords, 1);
}
