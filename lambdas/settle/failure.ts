// What Lambda leaves in the bucket of records that it gave up: why, and the whole event of the last try.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html

import type { QuarantineReason } from '../../domain/quarantine/quarantine.ts';

export type Failure = {
  readonly reason: QuarantineReason;
  readonly records: readonly FailedRecord[];
};

/** A record as it was on the stream. */
export type FailedRecord = { readonly sequenceNumber: string; readonly data: Uint8Array };

export class NotAFailure extends Error {
  override readonly name = 'NotAFailure';
}

type Written = {
  readonly responseContext?: { readonly functionError?: string | null };
  /** AWS documents a text, and an emulator of it writes what the text would hold. */
  readonly payload: string | Payload;
};
type Payload = {
  readonly Records: readonly {
    readonly kinesis: { readonly sequenceNumber: string; readonly data: string };
  }[];
};

export function readFailure(object: Uint8Array): Failure {
  try {
    const { responseContext, payload } = JSON.parse(Buffer.from(object).toString()) as Written;
    const { Records } = typeof payload === 'string' ? (JSON.parse(payload) as Payload) : payload;
    return {
      // Without an error of the function it was reported until it was too old or too often, or never tried at all.
      reason: responseContext?.functionError ? 'crashed' : 'outage',
      records: Records.map(({ kinesis: { sequenceNumber, data } }) => ({
        sequenceNumber,
        data: Buffer.from(data, 'base64'),
      })),
    };
  } catch (cause) {
    throw new NotAFailure('The object is not what Lambda writes of records that it gave up.', { cause });
  }
}
