// Kinesis records to envelopes, as far as they can be read. A record id that comes twice in one invocation is taken once.

import type { KinesisStreamEvent } from 'aws-lambda';
import {
  type Envelope,
  type EnvelopeHeader,
  openEnvelope,
  UnreadableEnvelope,
} from '../../domain/envelope.ts';
import { type RecordName, recordNameOf } from '../../domain/record-fate.ts';
import type { UnreadableRecord } from '../shared/set-aside.ts';

/** Its header can be read, so that it has an owner; its events may be damaged. */
export type OwnedRecord = {
  readonly sequenceNumber: string;
  /** As it is on the stream. */
  readonly data: Uint8Array;
  readonly name: RecordName;
  readonly header: EnvelopeHeader;
  readonly content: Envelope | UnreadableEnvelope;
};

export function openRecords(event: KinesisStreamEvent): {
  owned: readonly OwnedRecord[];
  unreadable: readonly UnreadableRecord[];
} {
  const owned = new Map<RecordName, OwnedRecord>();
  const unreadable: UnreadableRecord[] = [];
  for (const { kinesis } of event.Records) {
    const taken = { sequenceNumber: kinesis.sequenceNumber, data: Buffer.from(kinesis.data, 'base64') };
    const content = tryOpen(taken.data);
    const { header } = content;
    if (header) {
      const name = recordNameOf(header);
      if (!owned.has(name)) owned.set(name, { ...taken, name, header, content });
    } else {
      unreadable.push({ ...taken, error: content as UnreadableEnvelope });
    }
  }
  return { owned: [...owned.values()], unreadable };
}

function tryOpen(data: Uint8Array): Envelope | UnreadableEnvelope {
  try {
    return openEnvelope(data);
  } catch (error) {
    if (!(error instanceof UnreadableEnvelope)) throw error;
    return error;
  }
}
