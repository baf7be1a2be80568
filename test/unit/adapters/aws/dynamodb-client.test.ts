// What a caller learns of a failed call: whether to try again, and whether one partition may be at fault.

import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { callTable, PartitionThrottled, TableUnavailable } from '../../../../adapters/aws/dynamodb-client.ts';
import { transact } from '../../../../adapters/aws/transact.ts';
import { noPause } from '../../../support/tables.ts';

const mock = mockClient(DynamoDBDocumentClient);
beforeEach(() => mock.reset());
afterAll(() => mock.restore());

const failsWith = (name: string) => () =>
  Promise.reject(Object.assign(new Error(name), { name, $metadata: {} }));

it.each([
  ['ThrottlingException', true],
  ['ProvisionedThroughputExceededException', true],
  ['InternalServerError', false],
  ['AccessDeniedException', false],
  ['ResourceNotFoundException', false],
  ['TimeoutError', false],
])('%s is transient, and that of a partition: %s', async (name, isOfPartition) => {
  const error = await callTable('a call', failsWith(name)).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(TableUnavailable);
  expect(error).toMatchObject({ isOfPartition });
});

it('an invalid call is not transient', async () => {
  await expect(callTable('a call', failsWith('ValidationException'))).rejects.not.toThrow(TableUnavailable);
});

it('a transaction that meets a conflict at each try is refused by a partition', async () => {
  const CancellationReasons = [{ Code: 'TransactionConflict' }];
  mock
    .on(TransactWriteCommand)
    .rejects(new TransactionCanceledException({ $metadata: {}, message: 'conflict', CancellationReasons }));
  const table = { client: mock as unknown as DynamoDBDocumentClient, pause: noPause };

  const done = transact(table, [{ Put: { TableName: 't', Item: { pk: 'a' } } }], 'a commit');

  await expect(done).rejects.toThrow(PartitionThrottled);
});
