// A function that can do nothing but put records: what any ingest function has to load.

import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';

const client = new KinesisClient({});

export const handler = (records: { Data: Uint8Array; PartitionKey: string }[]) =>
  client.send(new PutRecordsCommand({ StreamName: 'events', Records: records }));
