// The settings of delivery: of the event source mapping, and of how long the consumer retries within an attempt.
// Together they bound how long an outage may last and how often a crash is repeated (docs/design/adr/0007).

const consumeTimeoutSeconds = 900;
const retryReserveSeconds = 60;
const retryAttempts = 8;

export const delivery = {
  batchSize: 100,
  batchingWindowSeconds: 1,
  /** Lambda's maximum, so that an attempt lasts minutes rather than seconds while the tables are unavailable. */
  consumeTimeoutSeconds,
  /** The consumer stops retrying this long before its timeout: enough for calls in flight, with their retries. */
  retryReserveSeconds,
  /** Attempts after the first one. A record that crashes the function uses them up in minutes. */
  retryAttempts,
  /**
   * How long an outage may last before Lambda writes a dead letter: all attempts, each with its full time of retries.
   */
  outlastsMinutes: ((retryAttempts + 1) * (consumeTimeoutSeconds - retryReserveSeconds)) / 60,
  /** Less than the retention of the stream, so that a record becomes a dead letter before the stream deletes it. */
  maxRecordAgeHours: 6,
} as const;
