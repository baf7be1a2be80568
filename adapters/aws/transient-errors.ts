// Tells transient errors from bugs: for calls to tables and buckets, for the statements of a batch and for the
// actions of a transaction. An error of AWS or the network is transient (an outage, a throttle, a missing table,
// bucket or permission) unless its code is permanent: then our request was wrong. Any other JavaScript error is a
// bug.

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

/** For the code of a statement or an action. */
export const isTransientCode = (code: string): boolean => !permanentCodes.has(code);

export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error) || permanentCodes.has(error.name)) return false;
  const { code, $metadata } = error as Error & { code?: unknown; $metadata?: unknown };
  return $metadata !== undefined || clientNames.has(error.name) || networkCodes.has(String(code));
}
