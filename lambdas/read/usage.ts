// GET /v1/usage: the limits of the caller's account and environment, and what is used of them.

import type { Use } from '../../domain/limits/port.ts';
import type { QuotaMode } from '../../domain/limits/quota.ts';
import { type Usage, usageOf } from '../../domain/limits/usage.ts';
import type { Clock } from '../../domain/system/port.ts';
import { fromContext } from '../edge/caller.ts';
import type { HttpRequest } from '../edge/http.ts';
import { queryOf } from '../edge/query.ts';

export type UsageDeps = {
  readonly eventUse: Pick<Use, 'find'>;
  readonly summaryReadUse: Pick<Use, 'find'>;
  /** Of accounts without one of their own. */
  readonly stageQuotaMode: QuotaMode;
  readonly clock: Pick<Clock, 'now'>;
};

export async function readUsage(
  { eventUse, summaryReadUse, stageQuotaMode, clock }: UsageDeps,
  request: HttpRequest,
): Promise<Usage> {
  const caller = fromContext(request.requestContext.authorizer);
  queryOf(request, 'GET /v1/usage');
  const { tenant, tier } = caller;
  const nowMs = clock.now();
  const [events, summaryReads] = await Promise.all([
    eventUse.find(tenant, nowMs),
    summaryReadUse.find(tenant, nowMs),
  ]);
  return usageOf(
    { tenant, tier, limits: caller, modes: caller, stageQuotaMode, events, summaryReads },
    nowMs,
  );
}
