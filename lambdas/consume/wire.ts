// Reads the headers of Kinesis records. Their bodies stay compressed, because those of a whole batch would not fit into
// the memory of the function. A record id that occurs twice in one invocation is taken once.

import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { laneKey } from '../../domain/keys.ts';
import { replayIdentity } from '../../domain/record/delivery.ts';
import { type EnvelopeHeader, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { readRecordHeader } from '../../domain/record/record-header.ts';
import { laneOf, type RecordName, recordNameOf } from '../../domain/record/record-id.ts';
import { secondMs } from '../../domain/system/time.ts';
import type { UnreadableRecord } from '../storing/quarantine-records.ts';

/** A record can be older than that: a batch that is sent again has the time of its first request. */
export type Arrival = {
  readonly atMs: number;
  /** With its stream. */
  readonly shard: string;
};

/** A record whose header can be read, so that its account is known. Its body may still be damaged. */
export type OwnedRecord = {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  /** Undefined if the mapping has not delivered it. */
  readonly arrival: Arrival | undefined;
  /** The sealed envelope, as it is on the stream. */
  readonly data: Uint8Array;
  readonly name: RecordName;
  readonly header: EnvelopeHeader;
};

/**
 * What is refused or served together. The rejections of a lane are not with its events: if the tables refuse them, no event
 * leaves the stream.
 */
export const workLaneOf = ({ header }: Pick<OwnedRecord, 'header'>): string =>
  header.kind === 'events' ? laneKey(laneOf(header)) : `${header.kind} ${laneKey(laneOf(header))}`;

export function openRecords(event: KinesisStreamEvent): {
  owned: readonly OwnedRecord[];
  unreadable: readonly UnreadableRecord[];
} {
  const owned = new Map<RecordName, OwnedRecord>();
  const unreadable: UnreadableRecord[] = [];
  for (const delivered of event.Records) {
    const { kinesis } = delivered;
    const { sequenceNumber, partitionKey } = kinesis;
    const record = { sequenceNumber, partitionKey, data: Buffer.from(kinesis.data, 'base64') };
    try {
      const header = readRecordHeader(record.data, partitionKey);
      const name = recordNameOf(header);
      if (!owned.has(name)) owned.set(name, { ...record, arrival: arrivalOf(delivered), name, header });
    } catch (error) {
      if (!(error instanceof UnreadableEnvelope)) throw error;
      unreadable.push({ ...record, error });
    }
  }
  return { owned: [...owned.values()], unreadable };
}

function arrivalOf(delivered: KinesisStreamRecord): Arrival | undefined {
  const { kinesis, eventID, eventSourceARN, invokeIdentityArn } = delivered;
  if (invokeIdentityArn === replayIdentity) return undefined;
  return {
    atMs: Math.round(kinesis.approximateArrivalTimestamp * secondMs),
    shard: `${eventSourceARN.split('/').at(-1)}/${eventID.split(':')[0]}`,
  };
}
