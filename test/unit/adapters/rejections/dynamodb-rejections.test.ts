import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { DynamoRejections } from '../../../../adapters/rejections/dynamodb-rejections.ts';
import { rejectionHourSortKey } from '../../../../domain/keys.ts';
import { groupsToBytes } from '../../../../domain/rejections/rejection-hour.ts';
import { packText } from '../../../../domain/system/packed-text.ts';
import { dayMs, floorTo, hourMs } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';
import { tenantOf } from '../../../support/lanes.ts';
import { rejectionRecord } from '../../../support/rejections.ts';
import { noPause } from '../../../support/tables.ts';

const client = mockClient(DynamoDBDocumentClient);
afterAll(() => client.restore());
beforeEach(() => client.reset());

const rejections = new DynamoRejections({
  client: DynamoDBDocumentClient.from(new DynamoDBClient({})),
  name: 'aggregates',
  pause: noPause,
});

it('no more is read than one answer takes, and what was not read is told', async () => {
  const thisHour = floorTo(nowMs, hourMs);
  let page = 0;
  client.on(QueryCommand).callsFake(() => {
    page += 1;
    const sk = rejectionHourSortKey(thisHour - page * hourMs);
    const item = { pk: 'p', sk, version: 1, groups: groupsToBytes([]), expires: nowMs + dayMs };
    return { Items: [item], LastEvaluatedKey: { pk: 'p', sk } };
  });

  const read = await rejections.hours(tenantOf('acme'), { fromMs: nowMs - 30 * dayMs, toMs: nowMs }, nowMs);

  expect(client.commandCalls(QueryCommand)).toHaveLength(4);
  expect(read.hours).toHaveLength(4);
  expect(read.fromMs).toBe(thisHour - 4 * hourMs);
});

it('an answer holds what a function can answer with, and goes on after it', async () => {
  const text = 'x'.repeat(120 * 1024);
  const events = packText(JSON.stringify([{ code: 'c', field: '', message: '', event: text }]), 1);
  const Items = Array.from({ length: 90 }, (_, index) => ({
    ...{ record: `r${index}.4094`, received: nowMs - index, expires: nowMs + dayMs },
    ...{ request: 'r', key: 'k', client: 'c', leftOut: 0, events },
  }));
  client.on(QueryCommand).resolves({ Items });

  const { requests, next } = await rejections.kept(tenantOf('acme'), { most: 100 }, nowMs);

  expect(JSON.stringify(requests).length).toBeLessThan(3 * 1024 * 1024);
  expect(next?.record).toBe(requests.at(-1)?.record);
  expect(requests.length).toBeGreaterThan(10);
});

it('a transaction has at most 100 actions, whatever is counted together', async () => {
  client.on(BatchGetCommand).resolves({ Responses: {} });
  client.on(TransactWriteCommand).resolves({});
  const samples = (index: number) =>
    ['a', 'b', 'c', 'd'].map((each) => ({ code: 'unknown_field', field: `${each}${index}`, message: '' }));
  const records = Array.from({ length: 50 }, (_, index) =>
    rejectionRecord(
      `r${index}`,
      {
        samples: samples(index),
        counts: samples(index).map(({ code, field }) => ({ code, field, count: 1 })),
      },
      nowMs - index * hourMs,
    ),
  );

  await rejections.count(tenantOf('acme'), records, nowMs);

  const sizes = client
    .commandCalls(TransactWriteCommand)
    .map(({ args }) => args[0].input.TransactItems?.length ?? 0);
  expect(Math.max(...sizes)).toBe(96);
  expect(sizes).toHaveLength(4);
});
