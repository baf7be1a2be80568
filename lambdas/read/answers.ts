// Answers summaries and series: from what the instance has kept, or anew. Only what is read anew counts towards the limit of
// summary reads. A client that has an answer already, and names its tag, is told so without it.

import { secondMs } from '../../domain/system/time.ts';
import type { Caller } from '../edge/caller.ts';
import { isKnownBy } from '../edge/etag.ts';
import {
  answerText,
  csvType,
  type Headers,
  type HttpAnswer,
  type HttpRequest,
  headerValues,
  jsonType,
  requestIdOf,
} from '../edge/http.ts';
import { AnswerCache, type MadeAnswer } from './answer-cache.ts';
import { createSummaryLimit, type SummaryLimitDeps } from './summary-limit.ts';

export type AnswerOf<Of> = {
  readonly caller: Caller;
  /** All that the answer depends on, but the tenant. */
  readonly name: string;
  readonly isCsv: boolean;
  readonly read: () => Promise<Of>;
  readonly toCsv: (answer: Of) => string;
  /** Whether the instance had kept it. */
  readonly onAnswered?: (wasKept: boolean) => void;
};

/** API Gateway renames `Age`. */
const ageHeader = 'x-weir-age';

export function createAnswers(deps: SummaryLimitDeps) {
  const cache = new AnswerCache(deps.clock);
  const limit = createSummaryLimit(deps);
  return async <Of extends { readonly as_of: string }>(
    request: HttpRequest,
    { caller, name, isCsv, read, toCsv, onAnswered }: AnswerOf<Of>,
  ): Promise<HttpAnswer> => {
    deps.meter.tier(caller.tier);
    let limitHeaders: Headers = {};
    const make = async (): Promise<MadeAnswer> => {
      limitHeaders = await limit(caller);
      const answer = await read();
      return {
        body: isCsv ? toCsv(answer) : JSON.stringify(answer),
        // The time of reading alone is no news.
        content: JSON.stringify({ ...answer, as_of: isCsv }),
      };
    };
    const mostAgeMs = mostAgeOf(request);
    const { body, etag, madeAtMs, untilMs, wasKept } = await cache.answer(
      { tenant: caller.tenant, question: name, ...(mostAgeMs !== undefined && { mostAgeMs }) },
      make,
    );
    onAnswered?.(wasKept);
    const nowMs = deps.clock.now();
    const headers = {
      ...limitHeaders,
      etag,
      'cache-control': `private, max-age=${Math.max(0, Math.floor((untilMs - nowMs) / secondMs))}`,
      [ageHeader]: String(Math.max(0, Math.floor((nowMs - madeAtMs) / secondMs))),
      vary: 'authorization, x-api-key',
    };
    if (isKnownBy(request, etag))
      return { statusCode: 304, headers: { 'x-request-id': requestIdOf(request), ...headers }, body: '' };
    return answerText(request, isCsv ? csvType : jsonType, body, headers);
  };
}

/** How old an answer may be, as the client says. Undefined if it says nothing. */
function mostAgeOf(request: HttpRequest): number | undefined {
  const directives = headerValues(request, 'cache-control').join(',').toLowerCase();
  if (/\bno-(cache|store)\b/.test(directives)) return 0;
  const [, seconds] = /\bmax-age=(\d{1,9})\b/.exec(directives) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * secondMs;
}
