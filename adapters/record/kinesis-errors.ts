// What the stream says when it does not take records, and what each means: for the caller, and for the breaker.

import { Unavailable } from '../../domain/system/unavailable.ts';

/** Error codes by how many records they met. */
export type RefusalCodes = Readonly<Record<string, number>>;

/** Too much at once: of a shard where a record meets it, of the stream or its key where the call does. */
const throughputCodes = new Set([
  'ProvisionedThroughputExceededException',
  'KMSThrottlingException',
  'LimitExceededException',
  'ThrottlingException',
]);

/** For records whose place in the answer is empty. */
export const noAnswer = 'no answer';

export const isOverload = (codes: RefusalCodes): boolean =>
  Object.keys(codes).every((code) => throughputCodes.has(code));

/** Where one record met anything else, as on a hot shard of another account, the stream itself is there. */
export const isOutage = (codes: RefusalCodes): boolean =>
  Object.keys(codes).every((code) => code === 'InternalFailure' || code === noAnswer);

export class StreamUnavailable extends Unavailable {
  override readonly name = 'StreamUnavailable';
  /** Of the last try. */
  readonly codes: RefusalCodes;
  readonly reason: 'overloaded' | 'unavailable';
  override readonly problem: 'overloaded' | undefined;
  constructor(codes: RefusalCodes, options?: ErrorOptions) {
    super(`The stream did not take every record in time: ${JSON.stringify(codes)}`, options);
    this.codes = codes;
    this.reason = isOverload(codes) ? 'overloaded' : 'unavailable';
    this.problem = this.reason === 'overloaded' ? 'overloaded' : undefined;
  }
}

/** Not asked: the calls before this one failed, and the stream is given a moment. */
export class StreamBreakerOpen extends Unavailable {
  override readonly name = 'StreamBreakerOpen';
  override readonly problem = 'circuit_open';
  override readonly retryAfterSeconds: number;
  constructor(refusesForMs: number, options?: ErrorOptions) {
    super(`The stream is not asked for another ${refusesForMs} ms: its calls failed`, options);
    this.retryAfterSeconds = Math.max(1, Math.ceil(refusesForMs / 1000));
  }
}
