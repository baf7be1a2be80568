// Kinesis records to envelopes. A record id that comes twice in one invocation is taken once.

import type { KinesisStreamEvent } from 'aws-lambda';
import { type Envelope, openEnvelope, UnreadableEnvelope } from '../../domain/envelope.ts';
import type { RecordId } from '../../domain/receipt.ts';
import { recordIdOf } from '../../domain/record-fate.ts';

export type OpenRecord = {
  readonly sequenceNumber: string;
  readonly record: RecordId;
  readonly envelope: Envelope;
  readonly bytes: number;
};

export type UnreadableRecord = { readonly sequenceNumber: string; readonly error: UnreadableEnvelope };

export function openRecords(event: KinesisStreamEvent): {
  readable: OpenRecord[];
  unreadable: UnreadableRecord[];
} {
  const readable = new Map<RecordId, OpenRecord>();
  const unreadable: UnreadableRecord[] = [];
  for (const { kinesis } of event.Records) {
    const { sequenceNumber } = kinesis;
    const data = Buffer.from(kinesis.data, 'base64');
    try {
      const envelope = openEnvelope(data);
      const record = recordIdOf(envelope.header);
      if (!readable.has(record)) {
        readable.set(record, { sequenceNumber, record, envelope, bytes: data.length });
      }
    } catch (error) {
      if (!(error instanceof UnreadableEnvelope)) throw error;
      unreadable.push({ sequenceNumber, error });
    }
  }
  return { readable: [...readable.values()], unreadable };
}
