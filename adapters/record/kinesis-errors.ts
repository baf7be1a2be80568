// The error codes of the stream, and what they mean for the caller and for what is known of the stream.

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

export const isThroughputCode = (code: string): boolean => throughputCodes.has(code);

export const isOverload = (codes: RefusalCodes): boolean => Object.keys(codes).every(isThroughputCode);

/** Of a record. Any other code, such as a throttle of a hot shard, says that its shard is available. */
export const isOutage = (code: string): boolean => code === 'InternalFailure' || code === noAnswer;

export type FailureOptions = ErrorOptions & Partial<Pick<Unavailable, 'hadNoEffect'>>;

export class StreamUnavailable extends Unavailable {
  override readonly name = 'StreamUnavailable';
  /** The codes of the last try. */
  readonly codes: RefusalCodes;
  readonly reason: 'overloaded' | 'unavailable';
  override readonly problem: 'overloaded' | undefined;
  constructor(codes: RefusalCodes, options: FailureOptions = {}) {
    super(`The stream did not acknowledge every record in time: ${JSON.stringify(codes)}`, options);
    this.codes = codes;
    this.hadNoEffect = options.hadNoEffect ?? false;
    this.reason = isOverload(codes) ? 'overloaded' : 'unavailable';
    this.problem = this.reason === 'overloaded' ? 'overloaded' : undefined;
  }
}

/** The stream was not called, because the shard refused records with this key less than a second ago. */
export class HotPartitionKey extends Unavailable {
  override readonly name = 'HotPartitionKey';
  override readonly problem = 'overloaded';
  constructor(options: FailureOptions = {}) {
    super('The shard of the account refused records a moment ago, because it has too many', options);
    this.hadNoEffect = options.hadNoEffect ?? false;
  }
}

/** The stream was not called, because earlier calls failed and a breaker is open: the stream's, or that of a key. */
export class StreamBreakerOpen extends Unavailable {
  override readonly name = 'StreamBreakerOpen';
  override readonly retryAfterSeconds: number;
  constructor(refusesForMs: number, options: FailureOptions = {}) {
    super(
      `A breaker towards the stream is open for another ${refusesForMs} ms, because calls failed`,
      options,
    );
    this.hadNoEffect = options.hadNoEffect ?? false;
    this.retryAfterSeconds = Math.max(1, Math.ceil(refusesForMs / 1000));
  }
}
