// The event that Lambda makes of a batch of stream records, and how large a batch it can hold.
// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html

import { twinAccount } from '../../../template/pseudo-parameters.ts';

/** What the event says of where its records come from, and with which role they were read. */
export type EventSource = { readonly roleArn: string; readonly streamArn: string };

/** As GetRecords answers it; `Data` is base64. */
export type StreamRecord = {
  readonly SequenceNumber: string;
  readonly PartitionKey: string;
  readonly Data: string;
  readonly ApproximateArrivalTimestamp: number;
};

export function kinesisEvent(settings: EventSource, shardId: string, records: readonly StreamRecord[]) {
  return {
    Records: records.map((record) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: record.PartitionKey,
        sequenceNumber: record.SequenceNumber,
        data: record.Data,
        approximateArrivalTimestamp: record.ApproximateArrivalTimestamp,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${record.SequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: settings.roleArn,
      awsRegion: twinAccount.region,
      eventSourceARN: settings.streamArn,
    })),
  };
}

const maxBatchBytes = 6 * 1024 * 1024;
/** What the event says of a record besides its data and key, generously. */
const recordOverheadBytes = 700;

/** How many records from the front fit into one payload; always at least one. */
export function countThatFits(records: readonly StreamRecord[], batchSize: number): number {
  let bytes = 0;
  const cut = records.findIndex(({ Data, PartitionKey }, index) => {
    bytes += Data.length + Buffer.byteLength(JSON.stringify(PartitionKey)) + recordOverheadBytes;
    return index >= batchSize || bytes > maxBatchBytes;
  });
  return cut === -1 ? records.length : Math.max(cut, 1);
}
