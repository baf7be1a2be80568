// What each kind of fault is to its caller, as the SDK's own clients see it where the project has them.

import { APIGatewayClient, GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ListShardsCommand, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Faults } from '../../src/faults/faults.ts';
import { eventually } from '../support/eventually.ts';
import { awsCall, type FaultyProxy, startFaultyProxy } from './fixture.ts';

let proxy: FaultyProxy;
beforeEach(async () => {
  proxy = await startFaultyProxy();
});
afterEach(() => proxy.end());

const record = { StreamName: 'events', PartitionKey: 'k', Data: Buffer.from('d') };
const item = { TableName: 'pages', Key: { pk: { S: 'a' } } };
const calls: Readonly<Record<string, () => Promise<unknown>>> = {
  dynamodb: () => proxy.dynamoDb.send(new GetItemCommand(item)),
  kinesis: () => proxy.kinesis.send(new PutRecordCommand(record)),
  'kinesis of shards': () => proxy.kinesis.send(new ListShardsCommand({ StreamName: 'events' })),
  apigateway: () => new APIGatewayClient(proxy.client).send(new GetRestApisCommand({})),
  cloudformation: () => new CloudFormationClient(proxy.client).send(new DescribeStacksCommand({})),
};
const outcomeOf = (name: string) =>
  calls[name]?.().then(
    () => 'went through',
    (error: Error) => error,
  );

it.each([
  ['dynamodb', 'ProvisionedThroughputExceededException', 400],
  ['kinesis', 'ProvisionedThroughputExceededException', 400],
  ['kinesis of shards', 'LimitExceededException', 400],
  ['apigateway', 'TooManyRequestsException', 429],
  ['cloudformation', 'Throttling', 400],
])(
  'a throttled call of %s is refused with %s, and does not reach the service',
  async (name, code, status) => {
    proxy.faults.inject({ on: {}, do: { kind: 'throttle' } });

    expect(await outcomeOf(name)).toMatchObject({ name: code, $metadata: { httpStatusCode: status } });
    expect(proxy.received).toEqual([]);
  },
);

it.each([
  ['dynamodb', 'InternalServerError'],
  ['kinesis', 'InternalFailure'],
  ['apigateway', 'InternalFailure'],
  ['cloudformation', 'InternalFailure'],
])('a call of %s that fails without further words fails with %s', async (name, code) => {
  proxy.faults.inject({ on: {}, do: { kind: 'error' } });

  expect(await outcomeOf(name)).toMatchObject({ name: code, $metadata: { httpStatusCode: 500 } });
  expect(proxy.received).toEqual([]);
});

it.each(['dynamodb', 'cloudformation'])('a call of %s fails with the words of the rule', async (name) => {
  proxy.faults.inject({
    on: {},
    do: { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'not <for> you & me' },
  });

  expect(await outcomeOf(name)).toMatchObject({
    name: 'AccessDeniedException',
    message: 'not <for> you & me',
    $metadata: { httpStatusCode: 403 },
  });
});

it.each([
  ['s3', {}, 503, 'application/xml', '<Error><Code>SlowDown</Code><Message>'],
  [
    'sns',
    { 'content-type': 'application/x-www-form-urlencoded' },
    400,
    'text/xml',
    '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>',
  ],
  ['sqs', { 'x-amz-target': 'AmazonSQS.SendMessage' }, 400, 'application/json', '"RequestThrottled"'],
  ['ssm', { 'x-amz-target': 'AmazonSSM.GetParameter' }, 400, 'application/json', '"ThrottlingException"'],
])('a throttle of %s has the form of its protocol', async (service, headers, status, type, text) => {
  proxy.faults.inject({ on: { service }, do: { kind: 'throttle' } });

  const response = await proxy.request(service, '/bucket/key', headers);

  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe(type);
  expect(await response.text()).toContain(text);
});

it('a caller that tries again gets past a throttle that comes once, and the meter counts both calls', async () => {
  const fault = proxy.faults.inject({ on: {}, do: { kind: 'throttle' }, when: { times: 1 } });

  await new DynamoDBClient({ ...proxy.client, maxAttempts: 2 }).send(new GetItemCommand(item));

  expect(fault.met()).toBe(1);
  expect(proxy.reached()).toEqual(['GetItem']);
  expect(proxy.meter.calls().ingest?.['dynamodb.GetItem']).toMatchObject({ calls: 2, errors: 1 });
});

it('an answer that is dropped is a broken connection after the call took effect', async () => {
  proxy.faults.inject({ on: { operation: 'PutRecord' }, do: { kind: 'drop_answer' } });

  expect(await outcomeOf('kinesis')).toMatchObject({ code: 'ECONNRESET' });
  expect(proxy.reached()).toEqual(['PutRecord']);
  expect(proxy.reports).toEqual([]);
});

it('a latency lets the call go on when so much time has passed on the clock of the twin, and not before', async () => {
  const fault = proxy.faults.inject({ on: {}, do: { kind: 'latency', ms: 3_600_000 } });
  const outcome = outcomeOf('kinesis');
  await eventually(
    async () => fault.met(),
    (met) => met === 1,
  );

  proxy.clock.moveBy(3_500_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(proxy.reached()).toEqual([]);
  proxy.clock.moveBy(100_000);

  expect(await outcome).toBe('went through');
  expect(proxy.reached()).toEqual(['PutRecord']);
});

it('a latency within bounds lasts no less than the least and no longer than the most', async () => {
  const waits: number[] = [];
  const faults = new Faults({
    kill: () => false,
    clock: {
      elapsed: () => 0,
      after: (durationMs, listener) => {
        waits.push(durationMs);
        queueMicrotask(listener);
        return () => undefined;
      },
    },
  });
  faults.inject({ on: {}, do: { kind: 'latency', ms: [10, 12] } });

  for (let time = 0; time < 100; time += 1)
    await faults.step(awsCall(), async () => ({ status: 200, headers: {}, body: Buffer.from('') }));

  expect([...new Set(waits)].sort()).toEqual([10, 11, 12]);
});

it.each(['removed', 'cleared'] as const)('calls that a latency holds go on when it is %s', async (how) => {
  const fault = proxy.faults.inject({ on: {}, do: { kind: 'latency', ms: 3_600_000 } });
  const outcome = outcomeOf('kinesis');
  await eventually(
    async () => fault.met(),
    (met) => met === 1,
  );

  if (how === 'removed') fault.remove();
  else proxy.faults.clear();

  expect(await outcome).toBe('went through');
});

it('a latency that is over leaves no timer behind', async () => {
  const waiting = new Set<() => void>();
  const clock = {
    elapsed: () => 0,
    after: (_durationMs: number, listener: () => void) => {
      waiting.add(listener);
      return () => waiting.delete(listener);
    },
  };
  const faults = new Faults({ clock, kill: () => false });
  faults.inject({ on: {}, do: { kind: 'latency', ms: 1000 } });
  const held = faults.step(awsCall(), async () => ({ status: 200, headers: {}, body: Buffer.from('') }));
  expect(waiting.size).toBe(1);

  faults.clear();
  await held;

  expect(waiting.size).toBe(0);
});

it('latencies add up and let later rules act; of other rules the first alone does', async () => {
  const rules = [
    { on: {}, do: { kind: 'latency', ms: 1 } },
    { on: {}, do: { kind: 'latency', ms: 2 } },
    { on: { service: 'kinesis' }, do: { kind: 'error' } },
    { on: {}, do: { kind: 'throttle' } },
  ];
  proxy.faults.load({ rules });

  expect(await outcomeOf('kinesis')).toMatchObject({ name: 'InternalFailure' });
  expect(proxy.faults.list().map(({ met }) => met)).toEqual([1, 1, 1, 0]);
});
