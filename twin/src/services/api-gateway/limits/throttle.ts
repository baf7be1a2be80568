// A rate with a burst, read from any of the places in which a template writes one.

import { ApiNotModelled } from '../api-not-modelled.ts';

export type Throttle = {
  readonly rateLimitPerSecond: number;
  /** How many requests may come at once. */
  readonly burstLimit: number;
};

/** Undefined where neither number is given. */
export function readThrottle(place: string, rateLimit: unknown, burstLimit: unknown): Throttle | undefined {
  if (rateLimit === undefined && burstLimit === undefined) return undefined;
  const throttle = { rateLimitPerSecond: Number(rateLimit), burstLimit: Number(burstLimit) };
  // AWS does not say what one number without the other is, nor what a negative one is.
  if (!(throttle.rateLimitPerSecond >= 0 && throttle.burstLimit >= 0))
    throw new ApiNotModelled(
      `${place}: a throttle with the rate ${rateLimit} and the burst ${burstLimit} is not modelled.`,
    );
  return throttle;
}
