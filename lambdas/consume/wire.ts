// Reads the headers of Kinesis records. Their bodies stay compressed, because those of a whole batch would not fit into
// the memory of the function. A record id that occurs twice in one invocation is taken once.

import type { KinesisStreamEvent } from 'aws-lambda';
import { type EnvelopeHeader, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { readRecordHeader } from '../../domain/record/record-header.ts';
import { type RecordName, recordNameOf } from '../../domain/record/record-id.ts';
import type { UnreadableRecord } from '../storing/quarantine-records.ts';

/** A record whose header can be read, so that its account is known. Its body may still be damaged. */
export type OwnedRecord = {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  /** The sealed envelope, as it is on the stream. */
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
    const { sequenceNumber, partitionKey } = kinesis;
    const record = { sequenceNumber, partitionKey, data: Buffer.from(kinesis.data, 'base64') };
    try {
      const header = readRecordHeader(record.data, partitionKey);
      const name = recordNameOf(header);
      if (!owned.has(name)) owned.set(name, { ...record, name, header });
    } catch (error) {
      if (!(error instanceof UnreadableEnvelope)) throw error;
      unreadable.push({ ...record, error });
    }
  }
  return { owned: [...owned.values()], unreadable };
}
