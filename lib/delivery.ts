// How a record gets from the stream to the consume function, as numbers. Nothing here is left to a default of
// the event source mapping: its own are endless retries, which let one bad record hold up a shard for days.

export const delivery = {
  batchSize: 100,
  batchingWindowSeconds: 1,
  /**
   * Tries after the first one. In an outage of the tables the function itself holds on for up to 14 minutes an
   * attempt, so nine attempts outlast an outage of two hours; a record that crashes the function uses its nine
   * attempts up in minutes and leaves for the bucket.
   */
  retryAttempts: 8,
  /** Below the stream's retention, so that a record leaves for the bucket before the stream forgets it. */
  maxRecordAgeHours: 6,
} as const;
