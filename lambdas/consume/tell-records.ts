// What the log and the traces say of records: whose requests they came from, and what became of each that was
// counted. Nothing is said of single events, and of a record only where its request is traced, or in trouble.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Ids } from '../../domain/ports.ts';
import type { RecordFate } from '../../domain/storing/record-outcome.ts';
import { childOf, type Spans, spanIdBytes } from '../../domain/system/trace.ts';
import { traceOfRecord } from '../storing/record-telemetry.ts';

export type TellDeps = {
  readonly spans: Spans;
  readonly ids: Ids;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
};

/** `takenMs` is when this invocation got hold of the record, `countedMs` when it was done with it. */
export function tellCounted(
  { spans, ids, logger }: TellDeps,
  { header, fresh, duplicates, conflicts }: RecordFate,
  { takenMs, countedMs }: { readonly takenMs: number; readonly countedMs: number },
): void {
  const trace = traceOfRecord(header);
  if (!trace?.sampled) return;
  const context = childOf(trace, ids.random(spanIdBytes));
  const attributes = {
    batch_id: header.batchId,
    part: header.part,
    stored: fresh.length,
    duplicates,
    conflicts,
    freshness_ms: countedMs - header.receivedAtMs,
  };
  spans.end({ name: 'consume', context, startMs: takenMs, endMs: countedMs, attributes });
  logger.info('record stored', {
    request_id: header.requestId,
    trace_id: context.traceId,
    span_id: context.spanId,
    parent_span_id: context.parentId,
    ...header.tenant,
    ...attributes,
  });
}
