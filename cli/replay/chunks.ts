// Records of the stream in events as the event source mapping makes them, and no larger.

import type { KinesisStreamEvent } from 'aws-lambda';
import type { ArrivedRecord } from '../../adapters/record/kinesis-stream-reader.ts';
import { replayIdentity } from '../../domain/record/delivery.ts';

/** An invocation takes 6 MB; the rest is for what an event holds besides data. */
const maxBytes = 5 * 1024 * 1024;
const maxRecords = 100;

const base64Bytes = ({ data }: ArrivedRecord): number => Math.ceil(data.length / 3) * 4;

export function cutChunks(records: readonly ArrivedRecord[]): ArrivedRecord[][] {
  const chunks: ArrivedRecord[][] = [];
  let chunk: ArrivedRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const more = base64Bytes(record);
    if (chunk.length > 0 && (chunk.length === maxRecords || bytes + more > maxBytes)) {
      chunks.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(record);
    bytes += more;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
export function kinesisEventOf(records: readonly ArrivedRecord[], streamArn: string): KinesisStreamEvent {
  const [, , , awsRegion = ''] = streamArn.split(':');
  return {
    Records: records.map(({ shardId, sequenceNumber, partitionKey, data, arrivedAtMs }) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber,
        data: Buffer.from(data).toString('base64'),
        approximateArrivalTimestamp: arrivedAtMs / 1000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: replayIdentity,
      awsRegion,
      eventSourceARN: streamArn,
    })),
  };
}
