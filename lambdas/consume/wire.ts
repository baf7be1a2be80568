// Kinesis records to what is known of them without opening them: bodies of a whole batch would not fit the memory of the
// function. A record id that comes twice in one invocation is taken once.

import type { KinesisStreamEvent } from 'aws-lambda';
import { type EnvelopeHeader, readHeader, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { type RecordName, recordNameOf } from '../../domain/record/record-id.ts';
import type { UnreadableRecord } from '../storing/quarantine-records.ts';

/** Its header can be read, so that it has an owner; its events may be damaged. */
export type OwnedRecord = {
  readonly sequenceNumber: string;
  /** As it is on the stream. */
  readonly data: Uint8Array;
  readonly name: RecordName;
  readonly header: EnvelopeHeader;
};

export function openRecords(event: KinesisStreamEvent): {
  owned: readonly OwnedRecord[];
  unreadable: readonly UnreadableRecord[];
} {
  const owned = new Map<RecordName, OwnedRecord>();
  const unreadable: UnreadableRecord[] = [];
  for (const { kinesis } of event.Records) {
    const taken = { sequenceNumber: kinesis.sequenceNumber, data: Buffer.from(kinesis.data, 'base64') };
    try {
      const header = readHeader(taken.data);
      const name = recordNameOf(header);
      if (!owned.has(name)) owned.set(name, { ...taken, name, header });
    } catch (error) {
      if (!(error instanceof UnreadableEnvelope)) throw error;
      unreadable.push({ ...taken, error });
    }
  }
  return { owned: [...owned.values()], unreadable };
}
