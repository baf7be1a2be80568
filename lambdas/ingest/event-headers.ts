// The limit headers of every answer of ingest, refusals included. Quotas are named from 80 percent on.

import type { MiddlewareObj } from '@middy/core';
import type { Leases } from '../../domain/limits/leases.ts';
import { type PeriodName, periodAt, periodNames } from '../../domain/limits/quota.ts';
import type { Clock } from '../../domain/system/port.ts';
import { secondMs } from '../../domain/system/time.ts';
import { type Caller, fromContext } from '../edge/caller.ts';
import { type HttpAnswer, type HttpRequest, ProblemError } from '../edge/http.ts';
import { limitHeaders, type Policy } from '../edge/limit-headers.ts';
import { eventPolicy, quotasOf } from './event-limit.ts';

const namedFromShare = 0.8;

export function eventHeaders(
  eventLeases: Pick<Leases, 'standing'>,
  clock: Pick<Clock, 'now'>,
): MiddlewareObj<HttpRequest, HttpAnswer> {
  const add = ({ event: request, response, error }: Handled) => {
    if (!response) return;
    const caller = fromContext(request.requestContext.authorizer);
    const nowMs = clock.now();
    const violated = error instanceof ProblemError ? [error.extra['violated-policies']].flat() : [];
    // Of a refused batch the time until it is admitted, which is later than until some other would be.
    const retrySeconds =
      response.statusCode === 429 ? Number(response.headers?.['retry-after'] ?? 0) : undefined;
    const policies = policiesOf(eventLeases, caller, nowMs).map((policy) =>
      retrySeconds !== undefined && (violated.includes(policy.name) || violated.length === 0)
        ? { ...policy, resetSeconds: retrySeconds }
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

function policiesOf(eventLeases: Pick<Leases, 'standing'>, caller: Caller, nowMs: number): readonly Policy[] {
  const { tenant, eventsPerMinute } = caller;
  const { left, fullMs, counted } = eventLeases.standing(tenant, { perMinute: eventsPerMinute });
  const quotas = quotasOf(caller);
  const quotaPolicy = (name: PeriodName): Policy => {
    const { startMs, endMs } = periodAt(name, nowMs);
    return {
      name,
      limit: quotas[name],
      windowSeconds: (endMs - startMs) / secondMs,
      left: Math.max(0, quotas[name] - counted[name].events),
      resetSeconds: Math.ceil((endMs - nowMs) / secondMs),
    };
  };
  return [
    {
      name: eventPolicy,
      limit: eventsPerMinute,
      windowSeconds: 60,
      left,
      resetSeconds: Math.ceil(fullMs / secondMs),
    },
    ...periodNames.filter((name) => counted[name].events >= namedFromShare * quotas[name]).map(quotaPolicy),
  ];
}
