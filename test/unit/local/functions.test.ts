import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, createClock } from '../../../local/clock.ts';
import type { FunctionFailed } from '../../../local/functions/function-errors.ts';
import { unreservedEnvironments } from '../../../local/functions/function-settings.ts';
import { Functions } from '../../../local/functions/functions.ts';
import { createCallers } from '../../../local/proxy/identify.ts';
import type { System } from '../../../local/template/system.ts';
import { eventually } from '../../support/eventually.ts';
import { workerCount } from '../../support/workers.ts';
import { functionArn, systemOf } from './fixture.ts';

const code = `
let invocations = 0;
export const handler = async (event, context) => {
  invocations += 1;
  if (event.throw) throw new TypeError(event.throw);
  if (event.exit) process.exit(3);
  if (event.hang) for (;;);
  if (event.forget) {
    void Promise.reject(new RangeError(event.forget));
    await new Promise(() => {});
  }
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

const unloadable = {
  nofile: {
    handler: 'nothing.handler',
    error: /^Runtime\.ImportModuleError: Error: Cannot find module 'nothing'/,
  },
  noexport: { handler: 'index.nothing', error: /^Runtime\.HandlerNotFound: index\.nothing is undefined/ },
  nosyntax: { handler: 'syntax.handler', error: /^Runtime\.UserCodeSyntaxError: SyntaxError: / },
  nomodule: {
    handler: 'import.handler',
    error: /^Runtime\.ImportModuleError: Error.*Cannot find package 'not-there'/,
  },
  throwing: { handler: 'throws.handler', error: /^TypeError: at init$/ },
};

let folder: string;
let functions: Functions;
let clock: Clock;
let system: System;
const reports: string[] = [];

const create = (of: System, keepIdleMs?: number) =>
  new Functions({
    system: () => of,
    callers: createCallers(),
    proxyUrl: () => 'http://127.0.0.1:1',
    clock,
    logFolder: join(folder, 'logs'),
    report: (problem) => reports.push(problem),
    ...(keepIdleMs !== undefined && { keepIdleMs }),
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-functions-'));
  writeFileSync(join(folder, 'index.mjs'), code);
  writeFileSync(join(folder, 'syntax.mjs'), 'export const handler = ;');
  writeFileSync(join(folder, 'import.mjs'), "import 'not-there';");
  writeFileSync(join(folder, 'throws.mjs'), "throw new TypeError('at init');");
  const properties = {
    FunctionName: 'weir-dev-probe',
    Code: { S3Bucket: 'assets', S3Key: 'hash.zip' },
    Handler: 'index.handler',
    MemorySize: 256,
    Timeout: 1,
    ReservedConcurrentExecutions: 2,
    Environment: { Variables: { TABLE: { Ref: 'Table' } } },
  };
  system = systemOf(
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
      ...Object.fromEntries(
        Object.entries(unloadable).map(([name, { handler }]) => [
          `Broken${name}`,
          {
            Type: 'AWS::Lambda::Function',
            Properties: { ...properties, FunctionName: `weir-dev-${name}`, Handler: handler },
          },
        ]),
      ),
    },
    {},
    { 'hash.zip': folder },
  );
  clock = createClock();
  functions = create(system);
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

it('leaves no worker behind that has timed out', async () => {
  await invoke({});
  expect(workerCount()).toBe(1);

  await expect(invoke({ hang: true })).rejects.toThrow('timed out');

  expect(functions.activity()).toMatchObject({ probe: { environments: 0, busy: 0, timeouts: 1, errors: 1 } });
  await eventually(
    async () => workerCount(),
    (count) => count === 0,
  );
});

it('that ends its process has failed, and starts anew', async () => {
  await expect(invoke({ exit: true })).rejects.toMatchObject({
    payload: {
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(
        /^RequestId: \S{36} Error: Runtime exited with error: exit status 3$/,
      ),
    },
  });
  expect((await invoke({})).invocations).toBe(1);
});

it('that forgets a promise which fails has crashed, and starts anew', async () => {
  await expect(invoke({ forget: 'lost' })).rejects.toMatchObject({
    payload: { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'RangeError: lost' },
  });
  expect((await invoke({})).invocations).toBe(1);
});

it.each(Object.entries(unloadable))(
  'that cannot be loaded (%s) fails each invocation',
  async (verb, { error }) => {
    for (const _ of [1, 2]) {
      const failure = await functions.invokeVerb(verb, {}).catch((thrown: unknown) => thrown);
      const { errorType, errorMessage } = (failure as FunctionFailed).payload;
      expect(`${errorType}: ${errorMessage}`).toMatch(error);
    }
    expect(functions.activity()).toMatchObject({ [verb]: { environments: 0, cold_starts: 2, errors: 2 } });
  },
);

it('counts how its invocations went, and which of them started cold', async () => {
  await invoke({});
  await invoke({});
  await expect(invoke({ throw: 'x' })).rejects.toThrow();
  const busy = [invoke({ waitMs: 200 }), invoke({ waitMs: 200 })];
  await expect(invoke({})).rejects.toThrow();
  await Promise.all(busy);

  expect(functions.activity()).toMatchObject({
    probe: { environments: 2, busy: 0, invocations: 5, cold_starts: 2, errors: 1, timeouts: 0, throttles: 1 },
  });
});

it('ends what has been idle for long', async () => {
  await functions.end();
  functions = create(system, 200);
  await functions.start();
  await Promise.all([invoke({ waitMs: 50 }), invoke({ waitMs: 50 })]);

  await eventually(
    async () => functions.activity().probe?.environments,
    (environments) => environments === 0,
  );
  expect((await invoke({})).invocations).toBe(1);
});

it('runs new code from the next invocation on, and lets those under way finish on the old', async () => {
  const newer = join(folder, 'newer');
  mkdirSync(newer);
  writeFileSync(join(newer, 'index.mjs'), "export const handler = async () => 'new code';");
  await invoke({});
  const underWay = invoke({ waitMs: 100 });

  functions.replaceCode('probe', newer);

  expect(await invoke({})).toBe('new code');
  expect((await underWay).invocations).toBe(2);
  expect(await invoke({})).toBe('new code');
});

it('writes what it prints to its log', async () => {
  await invoke({ say: 'hello log' });
  await functions.end();

  expect(readFileSync(join(folder, 'logs', 'probe.log'), 'utf8')).toContain('hello log');
});

it('goes on where its log cannot be written, which is told once', async () => {
  await functions.end();
  rmSync(join(folder, 'logs'), { recursive: true });
  mkdirSync(join(folder, 'logs', 'probe.log'), { recursive: true });
  functions = create(system);
  await functions.start();

  await invoke({ say: 'nobody hears' });
  await eventually(
    async () => reports,
    ({ length }) => length > 0,
  );
  await invoke({ say: 'nobody hears' });

  expect(reports).toEqual([expect.stringMatching(/probe\.log cannot be written: EISDIR/)]);
});

it('is found by its ARN, with or without a version, and an unknown one is named', async () => {
  await functions.invoke(`${functionArn('weir-dev-probe')}:live`, {});
  await expect(functions.invoke(functionArn('nobody'), {})).rejects.toThrow('nobody');
  await expect(functions.invokeVerb('nobody', {})).rejects.toThrow('There are: probe, unreserved, nofile');
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
