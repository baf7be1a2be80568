import { BatchGetCommand, BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { batchGet } from '../../../../adapters/aws/batch-get.ts';
import { PartitionThrottled } from '../../../../adapters/aws/dynamodb-client.ts';
import { DynamoPages } from '../../../../adapters/storing/dynamodb-pages.ts';
import type { Page } from '../../../../domain/storing/pages.ts';
import { events, nowMs } from '../../../support/events.ts';
import { noPause } from '../../../support/tables.ts';

const mock = mockClient(DynamoDBDocumentClient);
afterAll(() => mock.restore());
const client = mock as unknown as DynamoDBDocumentClient;
const table = (name: string) => ({ client, name, pause: noPause });
beforeEach(() => {
  mock.reset();
});

const page = (sk: string): Page => ({
  pk: 'acme#production#0#0',
  sk,
  events: events(1),
  receivedAtMs: nowMs,
  region: 'r',
  expiresAtMs: nowMs,
});

it('pages that a call left unprocessed are written again, and only those', async () => {
  const left = { pages: [{ PutRequest: { Item: { pk: 'p', sk: 'b' } } }] };
  mock.on(BatchWriteCommand).resolvesOnce({ UnprocessedItems: left }).resolves({});

  await new DynamoPages(table('pages')).write([page('a'), page('b')]);

  const calls = mock.commandCalls(BatchWriteCommand).map((call) => call.args[0].input.RequestItems);
  expect(calls.map((items) => items?.pages?.length)).toEqual([2, 1]);
  expect(calls[1]).toEqual(left);
});

it('pages that stay unprocessed are told, and only those', async () => {
  const left = { pages: [{ PutRequest: { Item: { pk: 'p', sk: 'b' } } }] };
  mock.on(BatchWriteCommand).resolves({ UnprocessedItems: left });

  expect(await new DynamoPages(table('pages')).write([page('a'), page('b')])).toEqual([{ pk: 'p', sk: 'b' }]);
  expect(mock.commandCalls(BatchWriteCommand).length).toBeGreaterThan(2);
});

it('pages that are all written leave none', async () => {
  mock.on(BatchWriteCommand).resolves({});

  expect(await new DynamoPages(table('pages')).write([page('a')])).toEqual([]);
});

it('pages that a call did not remove are removed again, and only those', async () => {
  const left = { pages: [{ DeleteRequest: { Key: { pk: 'p', sk: 'b' } } }] };
  mock.on(BatchWriteCommand).resolvesOnce({ UnprocessedItems: left }).resolves({});

  await new DynamoPages(table('pages')).remove([page('a'), page('b')]);

  const calls = mock.commandCalls(BatchWriteCommand).map((call) => call.args[0].input.RequestItems);
  expect(calls[0]).toEqual({
    pages: ['a', 'b'].map((sk) => ({ DeleteRequest: { Key: { pk: page(sk).pk, sk } } })),
  });
  expect(calls.slice(1)).toEqual([left]);
});

it('pages that stay unremoved are refused by a partition', async () => {
  mock.on(BatchWriteCommand).resolves({ UnprocessedItems: { pages: [{ DeleteRequest: { Key: {} } }] } });

  await expect(new DynamoPages(table('pages')).remove([page('a')])).rejects.toThrow(PartitionThrottled);
});

it('keys that a read left unprocessed are read again', async () => {
  mock
    .on(BatchGetCommand)
    .resolvesOnce({ Responses: { t: [{ pk: 'a' }] }, UnprocessedKeys: { t: { Keys: [{ pk: 'b' }] } } })
    .resolves({ Responses: { t: [{ pk: 'b' }] } });

  expect(await batchGet(table('t'), [{ pk: 'a' }, { pk: 'b' }])).toEqual([{ pk: 'a' }, { pk: 'b' }]);
});

it('keys that stay unread are refused by a partition', async () => {
  mock.on(BatchGetCommand).resolves({ UnprocessedKeys: { t: { Keys: [{ pk: 'a' }] } } });

  await expect(batchGet(table('t'), [{ pk: 'a' }])).rejects.toThrow(PartitionThrottled);
});
