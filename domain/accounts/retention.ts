// How long the events of any account are kept at least, and at most, whatever its tier and settings. Receipts, streams and
// the bucket of failed records rely on it.

export const shortestRetentionDays = 30;
export const longestRetentionDays = 90;
