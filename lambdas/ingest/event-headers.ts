// The limit headers of every answer of ingest, refusals included. Quotas are named from 80 percent on, and
// where they refuse.

import type { MiddlewareObj } from '@middy/core';
import { modesInForce } from '../../domain/accounts/limit-modes.ts';
import type { Leases } from '../../domain/limits/leases.ts';
import { type PeriodName, periodAt, periodNames, type QuotaMode } from '../../domain/limits/quota.ts';
import type { Clock } from '../../domain/system/port.ts';
import { secondMs } from '../../domain/system/time.ts';
import { type Caller, fromContext, pageOf, senderOf } from '../edge/caller.ts';
import { type HttpAnswer, type HttpRequest, ProblemError } from '../edge/http.ts';
import { limitHeaders, type Policy } from '../edge/limit-headers.ts';
import { eventPolicy, quotasOf } from './event-limit.ts';

const namedFromShare = 0.8;

export function eventHeaders(
  eventLeases: Pick<Leases, 'standing'>,
  clock: Pick<Clock, 'now'>,
  stageQuotaMode: QuotaMode,
): MiddlewareObj<HttpRequest, HttpAnswer> {
  const add = ({ event: request, response, error }: Handled) => {
    if (!response) return;
    const caller = fromContext(request.requestContext.authorizer);
    const nowMs = clock.now();
    const violated = violatedBy(error);
    // Of a refused batch the time until it is admitted, which is later than until some other would be.
    const retrySeconds =
      response.statusCode === 429 ? Number(response.headers?.['retry-after'] ?? 0) : undefined;
    const isRefusedBy = ({ name }: Policy) =>
      violated.length === 0 ? name === eventPolicy : violated.includes(name);
    const policies = policiesOf(eventLeases, caller, { nowMs, violated, stageQuotaMode }).map((policy) =>
      retrySeconds !== undefined && isRefusedBy(policy)
        ? { ...policy, left: violated.length === 0 ? 0 : policy.left, resetSeconds: retrySeconds }
        : policy,
    );
    // What refused the batch is what the older headers tell of.
    const [first, ...others] = policies.toSorted(
      (a, b) => Number(violated.includes(b.name)) - Number(violated.includes(a.name)),
    );
    if (first) response.headers = { ...response.headers, ...limitHeaders([first, ...others], nowMs) };
  };
  return { after: add, onError: add };
}

type Handled = {
  readonly event: HttpRequest;
  response?: HttpAnswer | null | undefined;
  readonly error?: Error | null;
};

const violatedBy = (error: Error | null | undefined): readonly unknown[] =>
  error instanceof ProblemError ? [error.extra['violated-policies'] ?? []].flat() : [];

type Seen = {
  readonly nowMs: number;
  readonly violated: readonly unknown[];
  readonly stageQuotaMode: QuotaMode;
};

/** What is only observed holds nobody back: it looks like a limit of which nothing is used. */
function policiesOf(
  eventLeases: Pick<Leases, 'standing'>,
  caller: Caller,
  { nowMs, violated, stageQuotaMode }: Seen,
): readonly Policy[] {
  const page = pageOf(caller);
  const { eventsPerMinute } = page ?? caller;
  const { limitsMode, quotaMode } = modesInForce(caller, stageQuotaMode);
  const { left, fullMs, counted } = eventLeases.standing(senderOf(caller), { perMinute: eventsPerMinute });
  const quotas = quotasOf(caller);
  const isNamed = (name: PeriodName) =>
    // What the account has used is nothing for visitors.
    !page &&
    (violated.includes(name) ||
      (quotaMode !== 'observe' && counted[name].events >= namedFromShare * quotas[name]));
  const quotaPolicy = (name: PeriodName): Policy => {
    // Others may have begun a day that this clock has not.
    const { startMs, endMs } = periodAt(name, Math.max(nowMs, counted.dayMs));
    return {
      name,
      limit: quotas[name],
      windowSeconds: (endMs - startMs) / secondMs,
      left: Math.max(0, quotas[name] - counted[name].events),
      resetSeconds: Math.ceil((endMs - nowMs) / secondMs),
    };
  };
  const isObserved = !page && limitsMode === 'observe';
  return [
    {
      name: eventPolicy,
      limit: eventsPerMinute,
      windowSeconds: 60,
      left: isObserved ? eventsPerMinute : left,
      resetSeconds: isObserved ? 0 : Math.ceil(fullMs / secondMs),
    },
    ...periodNames.filter(isNamed).map(quotaPolicy),
  ];
}
