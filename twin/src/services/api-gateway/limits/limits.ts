// Whether a request is within every rate and quota that it meets. A refused request consumes nothing:
// all limits are checked first, and only then is a token taken from each.

import type { PresentedKey } from '../events.ts';
import { type MethodName, type MethodThrottles, methodName } from './method-throttles.ts';
import { periodAt } from './quota.ts';
import type { QuotaUsage } from './quota-usage.ts';
import type { Throttle } from './throttle.ts';
import { TokenBucket } from './token-bucket.ts';
import type { UsagePlan } from './usage-plans.ts';

/** What is limited: a key on a plan. */
export type Client = { readonly key: PresentedKey; readonly plan: UsagePlan };

/** What an account has in a region unless it asked for more. https://docs.aws.amazon.com/general/latest/gr/apigateway.html */
const accountThrottle: Throttle = { rateLimitPerSecond: 10_000, burstLimit: 5_000 };

export class Limits {
  private readonly stageThrottles: MethodThrottles;
  private readonly usage: QuotaUsage;
  /** Bounded by what was deployed and made: methods, keys, and both together. */
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(stageThrottles: MethodThrottles, usage: QuotaUsage) {
    this.stageThrottles = stageThrottles;
    this.usage = usage;
  }

  /** The gateway response that refuses the request, or undefined, and then it is counted. */
  refuse(
    method: MethodName,
    client: Client | undefined,
    nowMs: number,
  ): 'THROTTLED' | 'QUOTA_EXCEEDED' | undefined {
    const buckets = this.bucketsOf(method, client, nowMs);
    // Rates come before the quota, because what they hold back was never served: AWS does not document the order.
    if (!buckets.every((bucket) => bucket.hasToken(nowMs))) return 'THROTTLED';
    if (!this.countInQuota(client, nowMs)) return 'QUOTA_EXCEEDED';
    for (const bucket of buckets) bucket.take();
    return undefined;
  }

  /**
   * In the order in which AWS applies them, which no caller can tell: whichever is empty, the answer is the same.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
   */
  private bucketsOf(method: MethodName, client: Client | undefined, nowMs: number): readonly TokenBucket[] {
    const ofMethod = methodName(method);
    const named: readonly (readonly [name: string, throttle: Throttle | undefined])[] = [
      ...(client === undefined
        ? []
        : ([
            [`client ${clientName(client)} ${ofMethod}`, client.plan.methodThrottles(method)],
            [`client ${clientName(client)}`, client.plan.throttle],
          ] as const)),
      [`stage ${ofMethod}`, this.stageThrottles(method)],
      ['account', accountThrottle],
    ];
    return named.flatMap(([name, throttle]) =>
      throttle === undefined ? [] : this.bucket(name, throttle, nowMs),
    );
  }

  private bucket(name: string, throttle: Throttle, nowMs: number): TokenBucket {
    const bucket = this.buckets.get(name) ?? new TokenBucket(throttle, nowMs);
    this.buckets.set(name, bucket);
    return bucket;
  }

  /** False where nothing is left. Only what is served counts: a caller who is held back pays for nothing. */
  private countInQuota(client: Client | undefined, nowMs: number): boolean {
    const quota = client?.plan.quota;
    if (client === undefined || quota === undefined) return true;
    const period = periodAt(quota.period, nowMs);
    if (this.usage.requestsOf(clientName(client), period) >= quota.limitRequests) return false;
    this.usage.count(clientName(client), period);
    return true;
  }
}

/** Limits of a plan are those of each key on it. */
function clientName({ plan, key }: Client): string {
  return `${plan.planId} ${key.apiKeyId}`;
}
