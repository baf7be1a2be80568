// A function that only puts records: the least that any ingest function must load.

import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';

const client = new KinesisClient({});

export const handler = (records: { Data: Uint8Array; PartitionKey: string }[]) =>
  client.send(new PutRecordsCommand({ StreamName: 'events', Records: records }));
