// How a record gets from the stream to the consumer, as numbers: of the event source mapping, and of the patience
// of the consumer within each attempt. Together they decide what an outage and a crash cost (docs/design/adr/0007).

const consumeTimeoutSeconds = 900;
const holdReserveSeconds = 60;
const retryAttempts = 8;

export const delivery = {
  batchSize: 100,
  batchingWindowSeconds: 1,
  /** Lambda's longest, so that an attempt lasts minutes rather than seconds while the tables are away. */
  consumeTimeoutSeconds,
  /** The consumer stops holding on when it has this much left: enough for calls under way, with their retries. */
  holdReserveSeconds,
  /** Tries after the first one; a record that crashes the function uses them up in minutes. */
  retryAttempts,
  /** How long an outage may last before a record leaves for the bucket: all attempts, each held to its end. */
  outlastsMinutes: ((retryAttempts + 1) * (consumeTimeoutSeconds - holdReserveSeconds)) / 60,
  /** Below the stream's retention, so that a record leaves for the bucket before the stream forgets it. */
  maxRecordAgeHours: 6,
} as const;
