// A mapping on the stream of a table, with the real engine and a function that the test plays.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createClock } from '../../../../src/core/clock.ts';
import { callEngine } from '../../../../src/core/engine-call.ts';
import type { Next } from '../../../../src/core/proxy/aws-call.ts';
import { createForwarder } from '../../../../src/core/proxy/forward.ts';
import { DynamoDbEngine } from '../../../../src/services/dynamodb/engine.ts';
import { createTables } from '../../../../src/services/dynamodb/tables.ts';
import { StreamMappings } from '../../../../src/services/lambda/stream-mapping/stream-mappings.ts';
import { keptMetrics, templateOf } from '../../../fixture.ts';
import { eventually } from '../../../support/eventually.ts';

const patterns = (...keys: readonly string[]) => ({
  FilterCriteria: {
    Filters: keys.map((prefix) => ({
      Pattern: JSON.stringify({ dynamodb: { Keys: { pk: { S: [{ prefix }] } } } }),
    })),
  },
});
const templateWith = (TableName: string, mapping: object, StreamViewType?: string) =>
  templateOf({
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName,
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        ...(StreamViewType && { StreamSpecification: { StreamViewType } }),
      },
    },
    Tell: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: 'weir-dev-tell', Role: 'arn:aws:iam::000000000000:role/tell' },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
        FunctionName: { Ref: 'Tell' },
        StartingPosition: 'TRIM_HORIZON',
        ...mapping,
      },
    },
  });

type TableEvent = {
  readonly Records: readonly {
    readonly eventName: string;
    readonly eventSourceARN: string;
    readonly dynamodb: {
      readonly Keys: { readonly pk: { readonly S: string } };
      readonly NewImage?: unknown;
    };
  }[];
};

const engine = new DynamoDbEngine({ onLoss: () => undefined });
const forwarder = createForwarder();
beforeAll(() => engine.start());
afterAll(async () => {
  await engine.end();
  forwarder.end();
});

let folder: string;
let tableName = '';
let count = 0;
let metrics: ReturnType<typeof keptMetrics>;
let mappings: StreamMappings | undefined;
let reports: string[];
let events: TableEvent[];
let play: () => unknown;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-table-mapping-'));
  count += 1;
  tableName = `table-${count}`;
  reports = [];
  metrics = keptMetrics();
  events = [];
  play = () => undefined;
});
afterEach(async () => {
  await mappings?.end();
  rmSync(folder, { recursive: true });
});

async function start(mapping: object = {}, clock = createClock()): Promise<void> {
  const template = templateWith(tableName, mapping, 'NEW_IMAGE');
  await createTables(template, engine.endpoint);
  const send: Next = async (call) => forwarder.forward(call, engine.endpoint);
  mappings = new StreamMappings({
    ...{ template, send, clock, folder, metrics: metrics.sink },
    holdsRecord: async () => false,
    functions: {
      invoke: async (_arn, event) => {
        const answer = play();
        events.push(event as TableEvent);
        return answer;
      },
    },
    faults: { isStopped: () => false, deliveries: () => 'once' },
    report: (problem) => reports.push(problem),
  });
  await mappings.start();
}
const put = (...keys: readonly string[]) =>
  Promise.all(
    keys.map((S) =>
      callEngine(engine.endpoint, 'dynamodb', 'PutItem', {
        TableName: tableName,
        Item: { pk: { S }, of: { S } },
      }),
    ),
  );
const remove = (S: string) =>
  callEngine(engine.endpoint, 'dynamodb', 'DeleteItem', { TableName: tableName, Key: { pk: { S } } });
const heard = () =>
  events.flatMap(({ Records }) =>
    Records.map(({ eventName, dynamodb }) => `${eventName} ${dynamodb.Keys.pk.S}`),
  );
const until = (length: number) =>
  eventually(
    async () => heard(),
    (all) => all.length >= length,
  );

it('the function hears of each change in order, with the new item, also of those before the mapping', async () => {
  await createTables(templateWith(tableName, {}, 'NEW_IMAGE'), engine.endpoint);
  await put('a');
  await start();
  await put('b');
  await put('b');
  await remove('a');

  expect(await until(4)).toEqual(['INSERT a', 'INSERT b', 'MODIFY b', 'REMOVE a']);
  expect(events[0]?.Records[0]).toMatchObject({
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: `arn:aws:dynamodb:us-east-1:000000000000:table/${tableName}/stream/local`,
    dynamodb: { NewImage: { pk: { S: 'a' }, of: { S: 'a' } } },
  });
  expect(reports).toEqual([]);
});

it('records that no filter matches are passed over', async () => {
  await start(patterns('audit#', 'note#'));
  await put('key#1');
  await put('audit#1');
  await put('key#2');
  await put('note#1');

  expect(await until(2)).toEqual(['INSERT audit#1', 'INSERT note#1']);
});

it('what a filter keeps back is counted as polled and as filtered out', async () => {
  await start({ ...patterns('audit#'), MetricsConfig: { Metrics: ['EventCount'] } });
  await put('key#1', 'key#2');
  await put('audit#1');

  await eventually(
    async () => metrics.sums({ EventSourceMappingUUID: 'weir-test-Mapping' }),
    ({ PolledEventCount, FilteredOutEventCount, InvokedEventCount }) =>
      PolledEventCount === 3 && FilteredOutEventCount === 2 && InvokedEventCount === 1,
  );
});

it('what the function fails comes again until it takes it', async () => {
  let fails = 2;
  play = () => {
    fails -= 1;
    if (fails >= 0) throw new Error('not now');
  };
  await start();
  await put('a');

  expect(await until(1)).toEqual(['INSERT a']);
  expect(reports).toHaveLength(2);
});

it('a mapping that starts again goes on where it was', async () => {
  await start();
  await put('a');
  await until(1);
  await mappings?.end();
  await start();
  await put('b');

  expect(await until(2)).toEqual(['INSERT a', 'INSERT b']);
});

it('a clock that was moved days on makes no record too old', async () => {
  const clock = createClock();
  clock.moveBy(10 * 86_400_000);
  await start({}, clock);
  await put('a');

  expect(await until(1)).toEqual(['INSERT a']);
  expect(reports).toEqual([]);
});

it.each([
  [{ FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"$or":[]}}' }] } }, '$or is not modelled'],
  [{ FilterCriteria: { Filters: [{ Pattern: '{' }] } }, 'Mapping: FilterCriteria'],
])('refuses at the start a filter that it would judge wrongly: %j', async (properties, message) => {
  await expect(start(properties)).rejects.toThrow(message);
});

it('a table whose stream has changed since it was made is refused', async () => {
  await createTables(templateWith(tableName, {}), engine.endpoint);

  await expect(createTables(templateWith(tableName, {}, 'NEW_IMAGE'), engine.endpoint)).rejects.toThrow(
    `its stream was none, and is now NEW_IMAGE`,
  );
});
