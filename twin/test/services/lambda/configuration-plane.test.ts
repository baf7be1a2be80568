import {
  DeleteFunctionConcurrencyCommand,
  GetEventSourceMappingCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { afterEach, expect, it } from 'vitest';
import { createCallers } from '../../../src/core/proxy/identify.ts';
import {
  type ConfiguredFunction,
  createConfigurationPlane,
} from '../../../src/services/lambda/configuration-plane.ts';
import { createLambdaControl } from '../../../src/services/lambda/control-plane.ts';
import { readFunctionSettings } from '../../../src/services/lambda/function-settings.ts';
import { Versions } from '../../../src/services/lambda/versions.ts';
import { connectedProxy, functionArn, templateOf } from '../../fixture.ts';

let stop = async () => {};
afterEach(() => stop());

async function start() {
  const template = templateOf({
    Consume: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        ...{ FunctionName: 'weir-dev-consume', Code: { ZipFile: '' }, MemorySize: 512, Timeout: 60 },
        LoggingConfig: { LogGroup: 'logs-of-consume' },
      },
    },
  });
  const [resource] = template.resources('AWS::Lambda::Function');
  if (resource === undefined) throw new Error('There is no function.');
  const consume: ConfiguredFunction = {
    settings: readFunctionSettings(resource, 'consume'),
    reservedConcurrency: undefined,
  };
  let isEnabled = true;
  let maxAgeMs = Number.POSITIVE_INFINITY;
  let parallelizationFactor = 2;
  const configuration = createConfigurationPlane({
    functionNamed: (name) => (name === 'weir-dev-consume' ? consume : undefined),
    mappings: () => [
      {
        ...{ uuid: 'mapping-1', batchSize: 100, windowMs: 1000, isEnabled },
        functionArn: `${functionArn('weir-dev-consume')}:live`,
        eventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/events',
        stream: { parallelizationFactor, maxAgeMs },
        setParallelizationFactor: (factor) => {
          parallelizationFactor = factor;
        },
        setMaxAgeMs: (value) => {
          maxAgeMs = value;
        },
        setEnabled: (value) => {
          isEnabled = value;
        },
      },
    ],
  });
  const proxy = connectedProxy({
    callers: createCallers(),
    steps: [],
    report: (problem) => expect.fail(problem),
    destinations: {
      lambda: {
        answer: createLambdaControl({
          template,
          functions: { invoke: async () => null },
          invocations: { invoke: () => undefined },
          configuration,
          versions: new Versions({ template, random: () => 0 }),
        }),
      },
    },
  });
  await proxy.start();
  const client = new LambdaClient({
    endpoint: proxy.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  stop = async () => {
    client.destroy();
    await proxy.end();
  };
  return { client, consume };
}
const FunctionName = 'weir-dev-consume';

it('tells what a function is, with the log group that it logs to', async () => {
  const { client } = await start();

  expect(await client.send(new GetFunctionConfigurationCommand({ FunctionName }))).toMatchObject({
    ...{ FunctionName, MemorySize: 512, Timeout: 60, State: 'Active' },
    LoggingConfig: { LogGroup: 'logs-of-consume' },
  });
  await expect(
    client.send(new GetFunctionConfigurationCommand({ FunctionName: 'missing' })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

it('reserves concurrency, down to 0, and takes it back', async () => {
  const { client, consume } = await start();
  const get = async () =>
    (await client.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions;
  expect(await get()).toBeUndefined();

  const ReservedConcurrentExecutions = 0;
  await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  expect([await get(), consume.reservedConcurrency]).toEqual([0, 0]);

  await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  expect([await get(), consume.reservedConcurrency]).toEqual([undefined, undefined]);
});

it('lists mappings of a function, and disables and enables one', async () => {
  const { client } = await start();
  const list = async (input: object) =>
    (await client.send(new ListEventSourceMappingsCommand(input))).EventSourceMappings ?? [];
  expect(await list({ FunctionName: `${FunctionName}:live` })).toMatchObject([
    { UUID: 'mapping-1', State: 'Enabled' },
  ]);
  // It polls for the alias alone.
  for (const other of [FunctionName, `${FunctionName}:other`, 'other:live'])
    expect(await list({ FunctionName: other })).toEqual([]);

  const UUID = 'mapping-1';
  const update = await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  expect(update.State).toBe('Disabling');
  expect((await client.send(new GetEventSourceMappingCommand({ UUID }))).State).toBe('Disabled');

  await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
  expect((await client.send(new GetEventSourceMappingCommand({ UUID }))).State).toBe('Enabled');
});

it('changes the age up to which records are sent, and leaves alone whether it is enabled', async () => {
  const { client } = await start();
  const UUID = 'mapping-1';
  const update = (MaximumRecordAgeInSeconds: number) =>
    client.send(new UpdateEventSourceMappingCommand({ UUID, MaximumRecordAgeInSeconds }));

  expect(await update(600)).toMatchObject({
    ...{ MaximumRecordAgeInSeconds: 600, ParallelizationFactor: 2, State: 'Enabled' },
  });
  expect(await update(-1)).toMatchObject({ MaximumRecordAgeInSeconds: -1 });
});

it('changes how many batches of a shard are sent at once, from 1 to 10', async () => {
  const { client } = await start();
  const update = (ParallelizationFactor: number) =>
    client.send(new UpdateEventSourceMappingCommand({ UUID: 'mapping-1', ParallelizationFactor }));

  expect(await update(10)).toMatchObject({ ParallelizationFactor: 10, State: 'Enabled' });
  await expect(update(11)).rejects.toThrow('from 1 to 10');
});

it('refuses what it does not change, and what is not there', async () => {
  const { client } = await start();

  await expect(
    client.send(new UpdateEventSourceMappingCommand({ UUID: 'mapping-1', MaximumRetryAttempts: 10 })),
  ).rejects.toThrow('changes no MaximumRetryAttempts of this mapping');
  await expect(client.send(new GetEventSourceMappingCommand({ UUID: 'no' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});
