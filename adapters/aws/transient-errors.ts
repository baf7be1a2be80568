// Which failures may pass and which are bugs of ours: one judgement, for calls to tables and buckets, for the statements
// of a batch and for the actions of a transaction. What AWS or the network says may pass (an outage, a throttle, a table,
// a bucket or a right that is not there yet) unless it is among our own faults; what JavaScript says is a bug.

const permanentCodes = new Set([
  'ValidationException',
  'ValidationError',
  'SerializationException',
  'ItemCollectionSizeLimitExceededException',
  'ItemCollectionSizeLimitExceeded',
  'InvalidArgument',
  'InvalidBucketName',
  'KeyTooLongError',
  'EntityTooLarge',
]);

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const clientNames = new Set(['TimeoutError', 'AbortError', 'CredentialsProviderError']);

/** Of the code of a statement or of an action. */
export const isTransientCode = (code: string): boolean => !permanentCodes.has(code);

export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error) || permanentCodes.has(error.name)) return false;
  const { code, $metadata } = error as Error & { code?: unknown; $metadata?: unknown };
  return $metadata !== undefined || clientNames.has(error.name) || networkCodes.has(String(code));
}
