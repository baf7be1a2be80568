// Writes down which records the streams have, apart from consume: it reads only headers, and depends on no table but the
// ledger. So a record that was acknowledged and is never consumed shows. It counts nothing, and says nothing of what becomes
// of a record: report compares. An invocation stores all its sheets or fails, and the mapping delivers its batch again.

import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { type EnvelopeHeader, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { readRecordHeader } from '../../domain/record/record-header.ts';
import { placeOfRecord } from '../../domain/record/record-id.ts';
import { secondMs } from '../../domain/system/time.ts';
import type { TallySheets } from '../../domain/tally/port.ts';
import { type ArrivedOnShard, sheetsOf } from '../../domain/tally/sheet.ts';

export type TallyDeps = { readonly sheets: Pick<TallySheets, 'put'> };

export const createTally =
  ({ sheets }: TallyDeps) =>
  async ({ Records }: KinesisStreamEvent): Promise<void> => {
    const byShard = Map.groupBy(Records, shardOf);
    await sheets.put(
      [...byShard].flatMap(([shard, delivered]) => sheetsOf(shard, delivered.flatMap(arrivedOf))),
    );
  };

/** With its stream: streams name their shards alike. */
const shardOf = ({ eventID, eventSourceARN }: KinesisStreamRecord): string =>
  `${eventSourceARN.split('/').at(-1)}/${eventID.split(':')[0]}`;

/** Rejections are no events, and have no outcome. */
function arrivedOf({ kinesis }: KinesisStreamRecord): ArrivedOnShard[] {
  const { sequenceNumber, partitionKey, data, approximateArrivalTimestamp } = kinesis;
  const arrived = { sequenceNumber, arrivedAtMs: Math.round(approximateArrivalTimestamp * secondMs) };
  const header = headerOf(Buffer.from(data, 'base64'), partitionKey);
  if (!header) return [arrived];
  if (header.kind === 'rejections') return [];
  return [{ ...arrived, record: { ...placeOfRecord(header), events: header.events } }];
}

function headerOf(data: Uint8Array, partitionKey: string): EnvelopeHeader | undefined {
  try {
    return readRecordHeader(data, partitionKey);
  } catch (error) {
    if (!(error instanceof UnreadableEnvelope)) throw error;
    return undefined;
  }
}
