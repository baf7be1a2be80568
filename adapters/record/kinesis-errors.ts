// The error codes of the stream, and what they mean for the caller and for the breaker.

import { Unavailable } from '../../domain/system/unavailable.ts';

/** For each error code, how many records got it. */
export type RefusalCodes = Readonly<Record<string, number>>;

/** Too much throughput: for a shard if a record gets the code, for the stream or its KMS key if the call does. */
const throughputCodes = new Set([
  'ProvisionedThroughputExceededException',
  'KMSThrottlingException',
  'LimitExceededException',
  'ThrottlingException',
]);

/** The code of records that the answer does not mention. */
export const noAnswer = 'no answer';

export const isOverload = (codes: RefusalCodes): boolean =>
  Object.keys(codes).every((code) => throughputCodes.has(code));

/** If any record gets another code, such as a throttle of a hot shard, the stream itself is available. */
export const isOutage = (codes: RefusalCodes): boolean =>
  Object.keys(codes).every((code) => code === 'InternalFailure' || code === noAnswer);

export class StreamUnavailable extends Unavailable {
  override readonly name = 'StreamUnavailable';
  /** The codes of the last try. */
  readonly codes: RefusalCodes;
  readonly reason: 'overloaded' | 'unavailable';
  override readonly problem: 'overloaded' | undefined;
  constructor(codes: RefusalCodes, options?: ErrorOptions) {
    super(`The stream did not acknowledge every record in time: ${JSON.stringify(codes)}`, options);
    this.codes = codes;
    this.reason = isOverload(codes) ? 'overloaded' : 'unavailable';
    this.problem = this.reason === 'overloaded' ? 'overloaded' : undefined;
  }
}

/** The stream was not called, because earlier calls failed and the breaker is open. */
export class StreamBreakerOpen extends Unavailable {
  override readonly name = 'StreamBreakerOpen';
  override readonly problem = 'circuit_open';
  override readonly retryAfterSeconds: number;
  constructor(refusesForMs: number, options?: ErrorOptions) {
    super(
      `The breaker of the stream is open for another ${refusesForMs} ms, because its calls failed`,
      options,
    );
    this.retryAfterSeconds = Math.max(1, Math.ceil(refusesForMs / 1000));
  }
}
