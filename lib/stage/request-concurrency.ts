// How many instances authorize and ingest need for a rate of requests. Each of the two is called once for a request.

import { burstFactor, ladder, tiers } from '../../domain/accounts/tiers.ts';

/**
 * Lambda takes ten times the concurrency of a function in requests a second, however short they are. Neither of the two
 * needs more instances than that for its work as long as it answers within 100 ms.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
const requestsPerSecondOfOne = 10;

/** What API Gateway takes in a region, for all its APIs, without a higher quota. */
const gatewayRequestsPerSecond = 10_000;

/** The burst of one account of the highest tier. */
export const tierBurst =
  burstFactor * Math.max(...Object.values(tiers).map((tier) => tier.requestsPerSecond));
/** The burst of one account on the highest rung, as far as the gateway lets it through. */
export const ladderBurst = Math.min(gatewayRequestsPerSecond, burstFactor * Math.max(...ladder));

/** What one account of the highest tier sends in a minute at most: all of its clients may have one address. */
export const tierMinute = (tierBurst / burstFactor) * 60 + tierBurst;

/** What so many instances take in a minute. */
export const requestsPerMinuteOf = (instances: number): number => instances * requestsPerSecondOfOne * 60;

/** For `reservedConcurrency` of a stage. */
export function forRequests(requestsPerSecond: number): {
  readonly authorize: number;
  readonly ingest: number;
} {
  const instances = Math.ceil(requestsPerSecond / requestsPerSecondOfOne);
  return { authorize: instances, ingest: instances };
}
