// One log line and one span for a counted record whose request is sampled. Single events are never logged, and other
// records only if they fail.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { RecordOutcome } from '../../domain/storing/record-outcome.ts';
import type { Random } from '../../domain/system/port.ts';
import { childOf, type Spans, spanIdBytes } from '../../domain/system/trace.ts';
import { traceOfRecord } from '../storing/record-telemetry.ts';

export type LogDeps = {
  readonly spans: Spans;
  readonly random: Random;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
};

/** `takenMs` is when the invocation received the record, `countedMs` when the record was counted. */
export function logCounted(
  { spans, random, logger }: LogDeps,
  { header, stored, duplicates, conflicts }: RecordOutcome,
  { takenMs, countedMs }: { readonly takenMs: number; readonly countedMs: number },
): void {
  const trace = traceOfRecord(header);
  if (!trace?.sampled) return;
  const context = childOf(trace, random.bytes(spanIdBytes));
  const attributes = {
    batch_id: header.batchId,
    part: header.part,
    stored,
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
