// Records a span for a traced request. Its parent is the span of the client or of the gateway; the spans of the batch's
// records are its children.

import type { Clock, Random } from '../../domain/system/port.ts';
import { childOf, type SpanContext, type Spans, spanIdBytes, traceOf } from '../../domain/system/trace.ts';
import { type HttpAnswer, type HttpRequest, headerOf, ProblemError, requestIdOf } from '../edge/http.ts';

export type TracedDeps = { readonly spans: Spans; readonly clock: Clock; readonly random: Random };

export async function traced(
  { spans, clock, random }: TracedDeps,
  request: HttpRequest,
  work: (context: SpanContext | undefined) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const parent = traceOf((name) => headerOf(request, name));
  if (!parent) return work(undefined);
  const context = childOf(parent, random.bytes(spanIdBytes));
  const startMs = clock.now();
  let failed = true;
  try {
    const answer = await work(context);
    failed = false;
    return answer;
  } catch (error) {
    // A ProblemError is the mistake of the client: the request is not marked as failed.
    failed = !(error instanceof ProblemError);
    throw error;
  } finally {
    const attributes = { request_id: requestIdOf(request) };
    spans.end({ name: 'ingest', context, startMs, endMs: clock.now(), failed, attributes });
  }
}
