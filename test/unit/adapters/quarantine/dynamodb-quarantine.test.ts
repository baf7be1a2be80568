import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { TableUnavailable } from '../../../../adapters/aws/dynamodb-client.ts';
import { DynamoQuarantine } from '../../../../adapters/quarantine/dynamodb-quarantine.ts';
import { newJob, type QuarantineEntry } from '../../../../domain/quarantine/quarantine.ts';

const client = mockClient(DynamoDBDocumentClient);
afterAll(() => client.restore());
let pauses = 0;
beforeEach(() => {
  client.reset();
  pauses = 0;
});
const quarantine = new DynamoQuarantine({
  client: client as unknown as DynamoDBDocumentClient,
  name: 'ledger',
  pause: async () => {
    pauses += 1;
  },
});

const tenant = { account: 'acme', environment: 'production', generation: 0 };
const lane = { tenant, slot: 0, late: false };
const entry: QuarantineEntry = {
  lane,
  record: 'a.0',
  batchId: 'batch',
  reason: 'failed',
  requestId: 'r',
  events: 1,
  receivedAtMs: 1,
  quarantinedAtMs: 2,
  expiresAtMs: 3,
  attempts: 0,
  leaseUntilMs: 0,
};
const job = newJob('replay', { lane, record: 'a.0', receivedAtMs: 1 }, 1);
const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

const changes: [string, () => Promise<unknown>, unknown, unknown][] = [
  ['a lease', () => quarantine.lease(entry, 5, 9), true, false],
  ['a release', () => quarantine.release(entry), undefined, undefined],
  ['a job that is done', () => quarantine.reschedule(job, undefined), true, false],
  ['a job that is moved', () => quarantine.reschedule(job, { ...job, dueAtMs: 9 }), true, false],
];

describe.each(changes)('%s', (_, change, done, refused) => {
  it('does not throw if its condition fails', async () => {
    client.on(TransactWriteCommand).rejects(cancelled('ConditionalCheckFailed', 'None'));

    expect(await change()).toBe(refused);
    expect(pauses).toBe(0);
  });

  it('is retried if it conflicts with counting, because the SDK does not retry', async () => {
    client.on(TransactWriteCommand).rejectsOnce(cancelled('TransactionConflict', 'None')).resolves({});

    expect(await change()).toBe(done);
    expect(pauses).toBe(1);
  });

  it('is unavailable, not refused, if it meets conflicts at every try', async () => {
    client.on(TransactWriteCommand).rejects(cancelled('TransactionConflict', 'None'));

    await expect(change()).rejects.toThrow(TableUnavailable);
  });

  it.each(['ResourceNotFoundException', 'AccessDeniedException', 'TimeoutError'])(
    'is unavailable, not refused, for %s',
    async (name) => {
      client.rejects(Object.assign(new Error(name), { name, $metadata: {} }));

      await expect(change()).rejects.toThrow(TableUnavailable);
    },
  );

  it('is a bug, not a transient error, if the request is wrong', async () => {
    client.on(TransactWriteCommand).rejects(cancelled('ValidationError', 'None'));

    await expect(change()).rejects.toThrow(TransactionCanceledException);
  });
});

it('lists page after page, to the last, and reads each only when it is needed', async () => {
  const item = (record: string) => ({ pk: 'quarantine#acme#production', sk: `0000000000001#${record}` });
  client
    .on(QueryCommand)
    .resolvesOnce({ Items: [item('a.0')], LastEvaluatedKey: { pk: 'p', sk: 'a' } })
    .resolvesOnce({ Items: [], LastEvaluatedKey: { pk: 'p', sk: 'b' } })
    .resolves({ Items: [item('b.0')] });

  const records: string[] = [];
  const calls: number[] = [];
  for await (const { record } of quarantine.list(tenant, 0, 9)) {
    records.push(record);
    calls.push(client.commandCalls(QueryCommand).length);
  }

  expect(records).toEqual(['a.0', 'b.0']);
  expect(calls).toEqual([1, 3]);
  const starts = client.commandCalls(QueryCommand).map((call) => call.args[0].input.ExclusiveStartKey);
  expect(starts).toEqual([undefined, { pk: 'p', sk: 'a' }, { pk: 'p', sk: 'b' }]);
});

it('reads consistently, so that the latest change is seen', async () => {
  client.on(QueryCommand).resolves({});
  client.on(GetCommand).resolves({});

  await quarantine.find(entry);
  await Array.fromAsync(quarantine.jobs(1));
  await Array.fromAsync(quarantine.list(tenant, 0, 1));

  const reads = [...client.commandCalls(GetCommand), ...client.commandCalls(QueryCommand)];
  expect(reads.map((call) => call.args[0].input.ConsistentRead)).toEqual([true, true, true]);
});

it.each<[string, () => Promise<unknown>]>([
  ['list', () => Array.fromAsync(quarantine.list(tenant, 0, 1))],
  ['find', () => quarantine.find(entry)],
  ['jobs', () => Array.fromAsync(quarantine.jobs(1))],
])('%s does not take a missing table for an empty one', async (_, read) => {
  client.rejects(Object.assign(new Error('away'), { name: 'TimeoutError' }));

  await expect(read()).rejects.toThrow(TableUnavailable);
});
