// How long an event waits for its retry, or that it has none left.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html

export type Tries = {
  /** Those that the function failed. */
  readonly failures: number;
  /** Those that found no environment free. */
  readonly throttles: number;
};

/** What counts is the last try; undefined where there is no next one. */
export function pauseBeforeNextMs(
  last: 'failed' | 'throttled',
  { failures, throttles }: Tries,
  maxRetries: number,
): number | undefined {
  if (last === 'throttled') return Math.min(firstThrottleMs * 2 ** (throttles - 1), longestThrottleMs);
  return failures > maxRetries ? undefined : afterFailureMs[failures - 1];
}

const firstThrottleMs = 1000;
const longestThrottleMs = 300_000;
/** Lambda allows two retries at most. */
const afterFailureMs = [60_000, 120_000];
