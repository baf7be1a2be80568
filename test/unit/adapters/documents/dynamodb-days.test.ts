import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, TransactGetCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { TableUnavailable } from '../../../../adapters/aws/dynamodb-client.ts';
import { DynamoDays } from '../../../../adapters/documents/dynamodb-days.ts';
import { dayMs, floorTo } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';
import { noPause } from '../../../support/tables.ts';

const mock = mockClient(DynamoDBDocumentClient);
afterAll(() => mock.restore());
const client = mock as unknown as DynamoDBDocumentClient;
const days = new DynamoDays({ client, name: 'aggregates', pause: noPause });
beforeEach(() => {
  mock.reset();
});

const day = {
  tenant: { account: 'acme', environment: 'production', generation: 0 },
  dayMs: floorTo(nowMs, dayMs) - dayMs,
};
const marked = (times: number) => ({ Responses: [{ Item: { times } }] });
const canceled = (Code: string) =>
  new TransactionCanceledException({
    $metadata: {},
    message: 'no',
    CancellationReasons: [{ Code: 'None' }, { Code }],
  });
const calls = () => mock.commandCalls(TransactGetCommand).map((call) => call.args[0].input.TransactItems);

describe('the hours of a day', () => {
  it('are read with the mark in each call, and no call exceeds the limits of AWS', async () => {
    mock.on(TransactGetCommand).resolves(marked(2));

    expect(await days.hours(day, 5)).toEqual({ mark: 2, hours: [] });

    expect(calls().map((items) => items?.length)).toEqual([49, 49, 49, 49, 49]);
    for (const items of calls()) expect(items?.[0]?.Get?.Key?.sk).toBe('mark#2026-11-20');
  });

  it('are undefined if the mark moved between two calls', async () => {
    mock.on(TransactGetCommand).resolvesOnce(marked(1)).resolves(marked(2));

    expect(await days.hours(day, 5)).toBeUndefined();
  });

  it('are read again, a bounded number of times, if they are being written', async () => {
    mock.on(TransactGetCommand).rejectsOnce(canceled('TransactionConflict')).resolves(marked(1));
    expect(await days.hours(day, 1)).toEqual({ mark: 1, hours: [] });

    mock.on(TransactGetCommand).rejects(canceled('TransactionConflict'));
    expect(await days.hours(day, 1)).toBeUndefined();
    expect(calls()).toHaveLength(5);
  });

  it('fail as unavailable while the table is missing, and as a bug if the call is wrong', async () => {
    const away = Object.assign(new Error('away'), { name: 'InternalServerError', $metadata: {} });
    mock.on(TransactGetCommand).rejects(away);
    await expect(days.hours(day, 1)).rejects.toThrow(TableUnavailable);

    mock.on(TransactGetCommand).rejects(canceled('ValidationError'));
    await expect(days.hours(day, 1)).rejects.toThrow(TransactionCanceledException);
  });
});

it.each([
  ['day', 'day#2026-11-20'],
  ['hours', 'hours#2026-11-20'],
] as const)(
  'a fold (%s) says when and of how much it was made, and is deleted once it has expired',
  async (kind, sk) => {
    const expiresAtMs = nowMs + dayMs;

    await days.store({
      kind,
      key: day,
      state: { mark: 0, slots: 1 },
      foldedTo: ['1#a.0', ''],
      madeAtMs: nowMs,
      hourBytes: 9,
      expiresAtMs,
      fields: { format: 3 },
    });

    const [put] = mock.commandCalls(PutCommand);
    expect(put?.args[0].input.Item).toEqual({
      pk: 'acme#production#0#days',
      sk,
      mark: 0,
      slots: 1,
      foldedTo: ['1#a.0', ''],
      format: 3,
      made: nowMs,
      hourBytes: 9,
      expires: expiresAtMs,
      ttl: expiresAtMs / 1_000,
    });
  },
);
