// The settings of delivery that are the same in every stage: of the event source mapping, and of how long the consumer
// retries within an attempt. They bound how long an outage may last and how often a crash is repeated
// (docs/design/adr/0007).

const consumeTimeoutSeconds = 900;
const retryReserveSeconds = 60;
const retryAttempts = 8;
/** How long an outage may last before Lambda writes a dead letter: all attempts, each with its full time of retries. */
const outlastsMinutes = ((retryAttempts + 1) * (consumeTimeoutSeconds - retryReserveSeconds)) / 60;

export const delivery = {
  batchSize: 200,
  batchingWindowSeconds: 1,
  /** Lambda's maximum, so that an attempt lasts minutes rather than seconds while the tables are unavailable. */
  consumeTimeoutSeconds,
  /** The consumer stops retrying this long before its timeout: enough for calls in flight, with their retries. */
  retryReserveSeconds,
  /** Attempts after the first one. A record that crashes the function uses them up in minutes. */
  retryAttempts,
  outlastsMinutes,
  outlastsHours: Math.ceil(outlastsMinutes / 60),
  /** Lambda's bound for the greatest age of a record, which is a setting of the stage. */
  mostRecordAgeHours: 7 * 24,
} as const;

/** Who invokes consume, where records come by `weir replay` and not by the mapping. */
export const replayIdentity = 'operator';
