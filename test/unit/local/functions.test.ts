import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, createClock } from '../../../local/clock.ts';
import { unreservedEnvironments } from '../../../local/functions/function-settings.ts';
import { Functions } from '../../../local/functions/functions.ts';
import { createCallers } from '../../../local/proxy/identify.ts';
import { functionArn, systemOf } from './fixture.ts';

const code = `
let invocations = 0;
export const handler = async (event, context) => {
  invocations += 1;
  if (event.throw) throw new TypeError(event.throw);
  if (event.exit) process.exit(3);
  if (event.hang) for (;;);
  if (event.say) console.log(event.say);
  if (event.waitMs) await new Promise((resolve) => setTimeout(resolve, event.waitMs));
  return {
    invocations,
    environment: { ...process.env },
    context,
    now: Date.now(),
    dates: [+new Date(), Date.parse(Date()), +new Date(5), new Date() instanceof Date],
    remainingMs: context.getRemainingTimeInMillis(),
  };
};`;

let folder: string;
let functions: Functions;
let clock: Clock;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-functions-'));
  writeFileSync(join(folder, 'index.mjs'), code);
  const properties = {
    FunctionName: 'weir-dev-probe',
    Code: { S3Bucket: 'assets', S3Key: 'hash.zip' },
    Handler: 'index.handler',
    MemorySize: 256,
    Timeout: 1,
    ReservedConcurrentExecutions: 2,
    Environment: { Variables: { TABLE: { Ref: 'Table' } } },
  };
  const system = systemOf(
    {
      Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'pages' } },
      Probe: { Type: 'AWS::Lambda::Function', Properties: properties },
      Unreserved: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          ...properties,
          FunctionName: 'weir-dev-unreserved',
          ReservedConcurrentExecutions: { Ref: 'AWS::NoValue' },
        },
      },
      Broken: {
        Type: 'AWS::Lambda::Function',
        Properties: { ...properties, FunctionName: 'weir-dev-broken', Handler: 'nothing.handler' },
      },
    },
    {},
    { 'hash.zip': folder },
  );
  clock = createClock();
  functions = new Functions({
    system: () => system,
    callers: createCallers(),
    proxyUrl: () => 'http://127.0.0.1:1',
    clock,
    logFolder: join(folder, 'logs'),
  });
  await functions.start();
});

afterEach(async () => {
  await functions.end();
  rmSync(folder, { recursive: true });
});

type Answer = {
  invocations: number;
  environment: Record<string, string>;
  context: Record<string, unknown>;
  remainingMs: number;
  now: number;
  dates: unknown[];
};
const invoke = (event: object) => functions.invokeVerb('probe', event) as Promise<Answer>;

it('sees the environment of the template and of Lambda, and nothing of the process around it', async () => {
  process.env.SECRET_OF_THE_PARENT = 'x';

  const { environment } = await invoke({});

  expect(environment).toMatchObject({
    AWS_ACCESS_KEY_ID: 'WEIRPROBE',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_FUNCTION_NAME: 'weir-dev-probe',
    AWS_REGION: 'us-east-1',
    TABLE: 'pages',
    TZ: ':UTC',
    _HANDLER: 'index.handler',
    _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/),
  });
  expect(environment).not.toHaveProperty('SECRET_OF_THE_PARENT');
  expect(environment).not.toHaveProperty('PATH');
  delete process.env.SECRET_OF_THE_PARENT;
});

it('is told its name, its request and how much time is left', async () => {
  const { context, remainingMs } = await invoke({});

  expect(context).toMatchObject({
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    functionName: 'weir-dev-probe',
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn('weir-dev-probe'),
    memoryLimitInMB: '256',
  });
  expect(remainingMs).toBeGreaterThan(0);
  expect(remainingMs).toBeLessThanOrEqual(1000);
});

it('keeps an environment for the next invocation, and gives one to each that runs at once', async () => {
  expect((await invoke({})).invocations).toBe(1);
  expect((await invoke({})).invocations).toBe(2);

  const both = await Promise.all([invoke({ waitMs: 50 }), invoke({ waitMs: 50 })]);

  expect(both.map(({ invocations }) => invocations).toSorted()).toEqual([1, 3]);
});

it('is throttled past its reserved concurrency', async () => {
  const busy = [invoke({ waitMs: 200 }), invoke({ waitMs: 200 })];

  await expect(invoke({})).rejects.toMatchObject({ name: 'TooManyRequests' });
  await Promise.all(busy);
});

it('waits for its turn where no concurrency is reserved', async () => {
  const answers = await Promise.all(
    Array.from({ length: unreservedEnvironments + 4 }, () =>
      functions.invokeVerb('unreserved', { waitMs: 20 }),
    ),
  );

  expect(Math.max(...answers.map((answer) => (answer as Answer).invocations))).toBeGreaterThan(1);
});

it('fails with the type, message and trace of what it threw, and goes on', async () => {
  await expect(invoke({ throw: 'boom' })).rejects.toMatchObject({
    name: 'FunctionFailed',
    payload: {
      errorType: 'TypeError',
      errorMessage: 'boom',
      trace: expect.arrayContaining(['TypeError: boom']),
    },
  });
  expect((await invoke({})).invocations).toBe(2);
});

it('is ended at its time-out, even in an endless loop, and starts anew', async () => {
  await expect(invoke({ hang: true })).rejects.toMatchObject({
    payload: {
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/),
    },
  });
  expect((await invoke({})).invocations).toBe(1);
});

it('that ends its process has failed, and starts anew', async () => {
  await expect(invoke({ exit: true })).rejects.toMatchObject({ payload: { errorType: 'Runtime.ExitError' } });
  expect((await invoke({})).invocations).toBe(1);
});

it('that cannot be loaded fails each invocation', async () => {
  for (const _ of [1, 2])
    await expect(functions.invokeVerb('broken', {})).rejects.toMatchObject({
      payload: { errorMessage: expect.stringContaining("Cannot find module 'nothing'") },
    });
});

it('writes what it prints to its log', async () => {
  await invoke({ say: 'hello log' });
  await functions.end();

  expect(readFileSync(join(folder, 'logs', 'probe.log'), 'utf8')).toContain('hello log');
});

it('is found by its ARN, with or without a version, and an unknown one is named', async () => {
  await functions.invoke(`${functionArn('weir-dev-probe')}:live`, {});
  await expect(functions.invoke(functionArn('nobody'), {})).rejects.toThrow('nobody');
  await expect(functions.invokeVerb('nobody', {})).rejects.toThrow('There are: probe, unreserved, broken');
});

it('takes its time from the clock of the twin, which may be moved, and its deadline from the machine', async () => {
  const hourMs = 3_600_000;
  const before = await invoke({});
  clock.moveBy(-48 * hourMs);

  const after = await invoke({});

  expect(Math.abs(before.now - Date.now())).toBeLessThan(hourMs);
  expect(Math.abs(after.now - (Date.now() - 48 * hourMs))).toBeLessThan(hourMs);
  expect(after.dates.slice(0, 2).map((each) => Math.abs(Number(each) - after.now) < hourMs)).toEqual([
    true,
    true,
  ]);
  expect(after.dates.slice(2)).toEqual([5, true]);
  expect(after.remainingMs).toBeGreaterThan(0);
  expect(after.remainingMs).toBeLessThanOrEqual(1000);
});

it('takes no payload over 6 MB', async () => {
  await expect(invoke({ text: 'x'.repeat(6 * 1024 * 1024) })).rejects.toMatchObject({
    name: 'PayloadTooLarge',
  });
});
