// The plain layout, as good as it can be: one item per event under its id, inserted if it is new, 25 a call, with an
// index by time that projects everything, and one counting update per batch and hour. It can answer the same summaries,
// but a retry is counted twice, which Weir's documents and receipts prevent.

import { BatchExecuteStatementCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { KinesisStreamEvent } from 'aws-lambda';
import type { Table } from '../../adapters/aws/table.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { documentSortKey, identityKey, slotKey } from '../../domain/keys.ts';
import { decodeEnvelope, type Envelope } from '../../domain/record/envelope.ts';
import { eventsExpireAtMs } from '../../domain/storing/record-outcome.ts';
import { inChunks, mapBounded } from '../../domain/system/bounded.ts';
import { epochSeconds, floorTo, hourMs } from '../../domain/system/time.ts';
import type { Processor } from './processor.ts';

const statementsPerCall = 25;
const callsAtOnce = 4;
const recordsAtOnce = 4;

export const plain: Processor = {
  tables: [
    { name: 'events', keys: ['pk'], index: ['tenant', 'time'] },
    { name: 'counters', keys: ['pk', 'sk'] },
  ],
  build: (table) => {
    const [events, counters] = [table('events'), table('counters')];
    const consume = async (event: KinesisStreamEvent) => {
      const envelopes = event.Records.map(({ kinesis }) =>
        decodeEnvelope(Buffer.from(kinesis.data, 'base64')),
      );
      await mapBounded(envelopes, recordsAtOnce, async (envelope) => {
        await insertAll(events, envelope);
        await countAll(counters, envelope);
      });
    };
    return { consume };
  },
};

async function insertAll({ client, name }: Table, { header, events }: Envelope): Promise<void> {
  const tenant = slotKey(header.tenant, header.slot);
  const ttl = epochSeconds(eventsExpireAtMs(header));
  const insert = (event: AcceptedEvent) => ({
    Statement: `INSERT INTO "${name}" VALUE {'pk': ?, 'tenant': ?, 'time': ?, 'type': ?, 'user': ?, 'service': ?, 'metadata': ?, 'batch': ?, 'ttl': ?}`,
    Parameters: [
      identityKey(header.tenant, event.event_id),
      tenant,
      event.timestamp,
      event.type,
      event.user_id,
      event.service,
      JSON.stringify(event.metadata),
      header.batchId,
      ttl,
    ],
  });
  await mapBounded([...inChunks(events, statementsPerCall)], callsAtOnce, async (chunk) => {
    const { Responses } = await client.send(
      new BatchExecuteStatementCommand({ Statements: chunk.map(insert) }),
    );
    const failed = Responses?.find((response) => response.Error);
    if (failed) throw new Error(`An event was refused with ${failed.Error?.Code}.`);
  });
}

async function countAll({ client, name }: Table, { header, events }: Envelope): Promise<void> {
  const byHour = Map.groupBy(events, ({ timestamp }) => floorTo(timestamp, hourMs));
  await mapBounded([...byHour], callsAtOnce, async ([hour, some]) => {
    const names = some.flatMap(({ type, service }) => ['total', `type#${type}`, `service#${service}`]);
    const counts = [...Map.groupBy(names, (counted) => counted)];
    await client.send(
      new UpdateCommand({
        TableName: name,
        Key: { pk: slotKey(header.tenant, header.slot), sk: documentSortKey('hour', hour) },
        UpdateExpression: `ADD ${counts.map((_, index) => `#${index} :${index}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(
          counts.map(([counted], index) => [`#${index}`, counted]),
        ),
        ExpressionAttributeValues: Object.fromEntries(
          counts.map(([, times], index) => [`:${index}`, times.length]),
        ),
      }),
    );
  });
}
