// A dead letter: the object that Lambda writes to the bucket when it stops retrying records of the stream. It holds the
// reason and the whole event of the last invocation. Consume writes the same form.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html

import type { QuarantineReason } from './quarantine.ts';

export type DeadLetter = {
  readonly reason: QuarantineReason;
  readonly records: readonly DeadLetterRecord[];
};

/** A record of a dead letter, as it was on the stream. */
export type DeadLetterRecord = {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
};

export class NotADeadLetter extends Error {
  override readonly name = 'NotADeadLetter';
}

type WrittenByLambda = {
  readonly responseContext?: { readonly functionError?: string | null };
  /** AWS documents a JSON string. MiniStack writes the object itself. */
  readonly payload: string | Payload;
};
type Payload = {
  readonly Records: readonly {
    readonly kinesis: {
      readonly sequenceNumber: string;
      readonly partitionKey: string;
      readonly data: string;
    };
  }[];
};

export function readDeadLetter(object: Uint8Array): DeadLetter {
  try {
    const { responseContext, payload } = JSON.parse(Buffer.from(object).toString()) as WrittenByLambda;
    const { Records } = typeof payload === 'string' ? (JSON.parse(payload) as Payload) : payload;
    return {
      // Without a function error, the consumer reported the records until they were too old or had no retries left, or
      // they were never tried.
      reason: responseContext?.functionError ? 'crashed' : 'outage',
      records: Records.map(({ kinesis: { sequenceNumber, partitionKey, data } }) => ({
        sequenceNumber,
        partitionKey,
        data: Buffer.from(data, 'base64'),
      })),
    };
  } catch (cause) {
    throw new NotADeadLetter(
      'The object is not a dead letter as Lambda writes it. Look at it in the bucket of failed records.',
      { cause },
    );
  }
}

/** Without a function error: not the records are at fault. */
export function writeDeadLetter(records: readonly DeadLetterRecord[]): Uint8Array {
  const payload: Payload = {
    Records: records.map(({ sequenceNumber, partitionKey, data }) => ({
      kinesis: { sequenceNumber, partitionKey, data: Buffer.from(data).toString('base64') },
    })),
  };
  return Buffer.from(JSON.stringify({ responseContext: {}, payload } satisfies WrittenByLambda));
}
