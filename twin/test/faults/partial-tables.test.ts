// Batches of table calls that fail in part, on a real engine: what fails was not done, and what was done is told.

import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createClock } from '../../src/core/clock.ts';
import { callEngine } from '../../src/core/engine-call.ts';
import { createCallMeter } from '../../src/core/proxy/call-meter.ts';
import { createCallers } from '../../src/core/proxy/identify.ts';
import { Faults } from '../../src/faults/faults.ts';
import { DynamoDbEngine } from '../../src/services/dynamodb/engine.ts';
import { connectedProxy } from '../fixture.ts';

const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
const half = { kind: 'partial', share: 0.5 } as const;
const engine = new DynamoDbEngine({ onLoss: () => undefined });
const callers = createCallers();
const faults = new Faults({ clock: createClock(), kill: () => false });
const tables = connectedProxy({
  callers,
  steps: [createCallMeter().step, faults.step],
  destinations: { dynamodb: { engine: engine } },
  report: () => undefined,
});
let client: DynamoDBClient;
beforeAll(async () => {
  await Promise.all([engine.start(), tables.start()]);
  for (const TableName of ['pages', 'ledger'])
    await callEngine(engine.endpoint, 'dynamodb', 'CreateTable', {
      TableName,
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  client = new DynamoDBClient({ endpoint: tables.url, region: 'us-east-1', maxAttempts: 1, credentials });
});
afterAll(async () => {
  client.destroy();
  await tables.end();
  await engine.end();
});
afterEach(() => faults.clear());

const keyOf = (name: string) => ({ pk: { S: name } });
/** Read without the faults. */
async function stored(table: string): Promise<string[]> {
  type Answer = { Items: { pk: { S: string } }[] };
  const { Items } = await callEngine<Answer>(engine.endpoint, 'dynamodb', 'Scan', { TableName: table });
  return Items.map(({ pk }) => pk.S).sort();
}

it('some statements of a batch are throttled and not executed', async () => {
  faults.inject({ on: { resource: 'pages' }, do: half }, 5);
  const statements = names.map((name) => ({
    Statement: `INSERT INTO "pages" VALUE {'pk': ?}`,
    Parameters: [{ S: `statement-${name}` }],
  }));

  const { Responses = [] } = await client.send(new BatchExecuteStatementCommand({ Statements: statements }));

  const executed = names.filter((_name, index) => Responses[index]?.Error === undefined);
  expect(Responses).toHaveLength(names.length);
  expect(await stored('pages')).toEqual(executed.map((name) => `statement-${name}`).sort());
  expect(executed.length).toBeGreaterThan(0);
  expect(new Set(Responses.map(({ Error: error }) => error?.Code))).toEqual(
    new Set([undefined, 'ThrottlingError']),
  );
});

it('some writes of a batch come back unprocessed, by table, and are not written', async () => {
  const write = (name: string) => ({ PutRequest: { Item: keyOf(`write-${name}`) } });
  const requests = { pages: names.slice(0, 10).map(write), ledger: names.slice(10).map(write) };
  const before = await stored('pages');
  faults.inject({ on: { operation: 'BatchWriteItem' }, do: half }, 2);

  const { UnprocessedItems = {} } = await client.send(new BatchWriteItemCommand({ RequestItems: requests }));

  const left = (table: 'pages' | 'ledger') =>
    (UnprocessedItems[table] ?? []).map(({ PutRequest }) => PutRequest?.Item?.pk?.S);
  const done = (table: 'pages' | 'ledger') =>
    requests[table]
      .map(({ PutRequest }) => PutRequest.Item.pk.S)
      .filter((name) => !left(table).includes(name));
  expect(await stored('pages')).toEqual([...before, ...done('pages')].sort());
  expect(await stored('ledger')).toEqual(done('ledger').sort());
  expect(left('pages').length + left('ledger').length).toBeGreaterThan(0);
  expect(done('pages').length + done('ledger').length).toBeGreaterThan(0);
});

it('some keys of a batch come back unprocessed, with all else that was asked of their table', async () => {
  const Keys = names.map((name) => keyOf(`read-${name}`));
  for (const Item of Keys)
    await callEngine(engine.endpoint, 'dynamodb', 'PutItem', { TableName: 'ledger', Item });
  faults.inject({ on: {}, do: half }, 4);

  const { Responses, UnprocessedKeys } = await client.send(
    new BatchGetItemCommand({ RequestItems: { ledger: { Keys, ConsistentRead: true } } }),
  );

  const read = (Responses?.ledger ?? []).map((item) => item.pk?.S);
  const left = UnprocessedKeys?.ledger?.Keys ?? [];
  expect(UnprocessedKeys?.ledger?.ConsistentRead).toBe(true);
  expect([...read, ...left.map((key) => key.pk?.S)].sort()).toEqual(Keys.map(({ pk }) => pk.S).sort());
  expect(Math.min(read.length, left.length)).toBeGreaterThan(0);
});

it('a batch of which nothing is processed answers as the service does', async () => {
  faults.inject({ on: {}, do: { kind: 'partial', share: 1 } });
  const asked = { pages: { Keys: [keyOf('a')] } };

  const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand({ RequestItems: asked }));

  expect(Responses).toEqual({});
  expect(UnprocessedKeys).toEqual(asked);
});
