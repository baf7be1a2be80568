import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type Clock, createClock } from '../../../src/core/clock.ts';
import type { FunctionFailed } from '../../../src/core/invocation.ts';
import { createCallers } from '../../../src/core/proxy/identify.ts';
import { unreservedEnvironments } from '../../../src/services/lambda/function-settings.ts';
import { Functions, type FunctionsOptions } from '../../../src/services/lambda/functions.ts';
import { createTemplate, type Template } from '../../../src/template/template.ts';
import { functionArn, noMetrics, stackOf, templateOf } from '../../fixture.ts';
import { eventually } from '../../support/eventually.ts';
import { workerCount } from '../../support/workers.ts';

const code = `
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
const environmentId = randomUUID();
let invocations = 0;
const thrown = {
  nullPrototype: () => Object.create(null),
  symbol: () => Symbol('x'),
  nothing: () => undefined,
  numericMessage: () => Object.assign(new Error(), { message: 5 }),
  objectStack: () => Object.assign(new Error('m'), { stack: {} }),
  noStack: () => Object.assign(new RangeError('m'), { stack: undefined }),
};
const results = {
  circular: () => { const result = {}; result.self = result; return result; },
  bigInt: () => 5n,
};
class Day extends Date { isDay = true; }
export const handler = async (event, context) => {
  invocations += 1;
  const remainingAtStartMs = context.getRemainingTimeInMillis();
  if (event.throwOdd) throw thrown[event.throwOdd]();
  if (event.answer) return results[event.answer]();
  if (event.throw) throw new TypeError(event.throw);
  if (event.exit) process.exit(3);
  for (const line of event.lines ?? []) console.log(line);
  const afterwards = {
    throws: () => { throw new TypeError('too late'); },
    throwsNull: () => { throw null; },
    forgets: () => void Promise.reject(Object.create(null)),
    exits: () => process.exit(4),
  };
  if (event.afterwards) setTimeout(afterwards[event.afterwards], 20);
  while (event.untilFile && !existsSync(event.untilFile)) await new Promise((resolve) => setTimeout(resolve, 5));
  if (event.hang) for (;;);
  if (event.forget) {
    void Promise.reject(new RangeError(event.forget));
    await new Promise(() => {});
  }
  if (event.say) console.log(event.say);
  if (event.waitMs) await new Promise((resolve) => setTimeout(resolve, event.waitMs));
  return {
    environmentId,
    invocations,
    remainingAtStartMs,
    environment: { ...process.env },
    context,
    now: Date.now(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    dates: [+new Date(), Date.parse(Date()), +new Date(5), new Date() instanceof Date],
    day: [+new Day(), +new Day(5), new Day(5) instanceof Day, new Day(5) instanceof Date, new Day(5).isDay],
    clone: [+structuredClone(new Date(5)), structuredClone(new Date()) instanceof Date],
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

const unreadable = {
  errorType: 'handled',
  errorMessage: expect.stringMatching(/^callback called with Error argument, but there was a problem/),
  trace: [],
};

let folder: string;
let functions: Functions;
let clock: Clock;
let template: Template;
const reports: string[] = [];
/** What is told to be an outage if it goes on. */
const failures: string[] = [];

const create = (
  of: Template,
  bounds: Pick<FunctionsOptions, 'keepIdleMs' | 'environmentsPerFunction'> = {},
) =>
  new Functions({
    template: of,
    callers: createCallers(),
    proxy: { url: 'http://127.0.0.1:1' },
    clock,
    metrics: noMetrics,
    logFolder: join(folder, 'logs'),
    outages: { failed: (_what, cause) => failures.push(cause), succeeded: () => undefined },
    report: (problem) => reports.push(problem),
    ...bounds,
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-functions-'));
  writeFileSync(join(folder, 'index.mjs'), code);
  writeFileSync(join(folder, 'syntax.mjs'), 'export const handler = ;');
  writeFileSync(join(folder, 'import.mjs'), "import 'not-there';");
  writeFileSync(join(folder, 'hangs.mjs'), 'for (;;);');
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
  template = templateOf(
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
      Hanging: {
        Type: 'AWS::Lambda::Function',
        Properties: { ...properties, FunctionName: 'weir-dev-hanging', Handler: 'hangs.handler' },
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
  reports.length = 0;
  failures.length = 0;
  clock = createClock();
  functions = create(template);
  await functions.start();
});

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await functions.end();
  rmSync(folder, { recursive: true });
});

type Answer = {
  environmentId: string;
  remainingAtStartMs: number;
  day: unknown[];
  clone: unknown[];
  invocations: number;
  environment: Record<string, string>;
  context: Record<string, unknown>;
  remainingMs: number;
  now: number;
  zone: string;
  dates: unknown[];
};
const invoke = (event: object) => functions.invokeByName('probe', event) as Promise<Answer>;

const logOf = (label: string) => readFileSync(join(folder, 'logs', `${label}.log`), 'utf8');
/** The last line of a log: what the function failed of. */
const failureIn = (label: string) => JSON.parse(logOf(label).trimEnd().split('\n').at(-1) ?? '') as object;

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
  expect(process.env.NODE_COMPILE_CACHE).toBeDefined();
  expect(environment).not.toHaveProperty('NODE_COMPILE_CACHE');
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

it('sees the time that is left fall while it runs', async () => {
  const { remainingAtStartMs, remainingMs } = await invoke({ waitMs: 50 });

  expect(remainingMs).toBeLessThan(remainingAtStartMs);
});

it('runs in the environment that was used last, so that the others may become idle', async () => {
  const untilFile = join(folder, 'go-on');
  const slow = invoke({ untilFile });
  const { environmentId: usedBefore } = await invoke({});
  writeFileSync(untilFile, '');
  const { environmentId: usedLast } = await slow;

  expect((await invoke({})).environmentId).toBe(usedLast);
  expect(usedLast).not.toBe(usedBefore);
});

it('keeps an environment for the next invocation, and gives one to each that runs at once', async () => {
  expect((await invoke({})).invocations).toBe(1);
  expect((await invoke({})).invocations).toBe(2);

  const both = await Promise.all([invoke({ waitMs: 50 }), invoke({ waitMs: 50 })]);

  expect(both.map(({ invocations }) => invocations).toSorted()).toEqual([1, 3]);
});

it('that throws is no outage if it is an authorizer that says 401', async () => {
  await expect(invoke({ throw: 'Unauthorized' })).rejects.toThrow('Unauthorized');
  await expect(invoke({ throw: 'another' })).rejects.toThrow('another');

  expect(failures).toEqual(['TypeError: another']);
  expect(functions.activity().probe?.errors).toBe(2);
});

it('is throttled past its reserved concurrency', async () => {
  const busy = [invoke({ waitMs: 200 }), invoke({ waitMs: 200 })];

  await expect(invoke({})).rejects.toMatchObject({ name: 'TooManyRequests' });
  await Promise.all(busy);
});

it('waits for its turn where no concurrency is reserved', async () => {
  const answers = await Promise.all(
    Array.from({ length: unreservedEnvironments + 4 }, () =>
      functions.invokeByName('unreserved', { waitMs: 20 }),
    ),
  );

  expect(Math.max(...answers.map((answer) => (answer as Answer).invocations))).toBeGreaterThan(1);
});

it('does not run a call that was abandoned while it waited', async () => {
  const bounded = create(template, { environmentsPerFunction: 1 });
  await bounded.start();
  const arn = functionArn('weir-dev-unreserved');
  const abandoned = new AbortController();
  const file = join(folder, 'go-on');
  const first = bounded.invoke(arn, { untilFile: file });
  const second = bounded.invoke(arn, {}, { signal: abandoned.signal });
  const refused = expect(second).rejects.toThrow('gone');
  const third = bounded.invoke(arn, {}) as Promise<Answer>;
  expect(bounded.activity().unreserved).toMatchObject({ busy: 1, waiting: 2 });

  abandoned.abort(new Error('gone'));
  await refused;
  writeFileSync(file, '');
  await first;

  expect((await third).invocations).toBe(2);
  expect(bounded.activity().unreserved).toMatchObject({ waiting: 0, invocations: 2 });
  await bounded.end();
});

it('takes the calls that wait from one caller after the other', async () => {
  const bounded = create(template, { environmentsPerFunction: 1 });
  await bounded.start();
  const arn = functionArn('weir-dev-unreserved');
  const call = async (caller: string) => [
    caller,
    ((await bounded.invoke(arn, {}, { caller })) as Answer).invocations,
  ];

  const order = await Promise.all(['loud', 'loud', 'loud', 'quiet'].map(call));

  expect(order).toEqual([
    ['loud', 1],
    ['loud', 2],
    ['loud', 4],
    ['quiet', 3],
  ]);
  await bounded.end();
});

it('has no more environments than the twin was told, unless its own concurrency is reserved', async () => {
  const bounded = create(template, { environmentsPerFunction: 1 });
  await bounded.start();
  await bounded.invokeByName('unreserved', {});
  const [probe, unreserved] = await Promise.all(
    ['probe', 'unreserved'].map((label) =>
      Promise.all([1, 2].map(() => bounded.invokeByName(label, { waitMs: 50 }))),
    ),
  );
  await bounded.end();

  expect(probe?.map((answer) => (answer as Answer).invocations)).toEqual([1, 1]);
  expect(unreserved?.map((answer) => (answer as Answer).invocations)).toEqual([2, 3]);
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
  expect(failureIn('probe')).toEqual({
    errorType: 'TypeError',
    errorMessage: 'boom',
    trace: expect.arrayContaining(['TypeError: boom', expect.stringContaining('index.mjs')]),
  });
  expect(reports).toEqual([]);
});

it.each([
  ['nullPrototype', unreadable],
  ['numericMessage', unreadable],
  ['objectStack', unreadable],
  ['symbol', { errorType: 'symbol', errorMessage: 'Symbol(x)', trace: [] }],
  ['nothing', { errorType: 'undefined', errorMessage: 'undefined', trace: [] }],
  ['noStack', { errorType: 'RangeError', errorMessage: 'm', trace: [] }],
])('fails as on Lambda with whatever it threw (%s), and goes on', async (throwOdd, payload) => {
  await expect(invoke({ throwOdd })).rejects.toMatchObject({ payload });
  expect((await invoke({})).invocations).toBe(2);
});

it.each(['circular', 'bigInt'])('fails as on Lambda with a result that is no JSON (%s)', async (answer) => {
  await expect(invoke({ answer })).rejects.toMatchObject({
    payload: {
      errorType: 'Runtime.JSONStringifyError',
      errorMessage: 'Unable to stringify response body',
    },
  });
});

it.each([
  ['throws', 'TypeError: too late'],
  ['throwsNull', 'object: null'],
  ['forgets', `Runtime.UnhandledPromiseRejection: callback called with Error argument`],
  ['exits', 'Runtime.ExitError: RequestId: '],
])('that crashes between invocations (%s) is told in one line, and gone', async (afterwards, told) => {
  await invoke({ afterwards });

  await eventually(
    async () => reports,
    ({ length }) => length > 0,
  );

  expect(functions.activity()).toMatchObject({
    probe: { environments: 0, busy: 0, invocations: 1, errors: 1 },
  });
  const { errorType, errorMessage } = failureIn('probe') as { errorType: string; errorMessage: string };
  expect(`${errorType}: ${errorMessage}`.startsWith(told)).toBe(true);
  expect((await invoke({})).invocations).toBe(1);
  expect(reports).toEqual([`Between invocations: probe: ${errorType}: ${errorMessage}`]);
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

it('has in its log all that it printed before its time-out, and the time-out', async () => {
  const lines = ['one', 'two', 'three', 'four', 'five'];

  await expect(invoke({ lines, hang: true })).rejects.toThrow('timed out');

  expect(logOf('probe').split('\n').slice(0, 5)).toEqual(lines);
  expect(failureIn('probe')).toMatchObject({ errorType: 'Sandbox.Timedout', trace: [] });
});

it('that hangs while it is loaded has failed after the ten seconds of an init, however far the clock was moved', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const failure = functions.invokeByName('hanging', {}).catch((error: unknown) => error);
  const settled = vi.fn();
  void failure.then(settled);
  clock.moveBy(60_000);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(settled).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);

  expect(await failure).toMatchObject({
    payload: { errorType: 'Sandbox.Timedout', errorMessage: 'Init timed out after 10.00 seconds' },
  });
  expect(failureIn('hanging')).toMatchObject({ errorMessage: 'Init timed out after 10.00 seconds' });
  expect(functions.activity()).toMatchObject({
    hanging: { environments: 0, invocations: 1, errors: 1, timeouts: 1 },
  });
});

it('leaves no worker behind that has timed out', async () => {
  const workersBefore = workerCount();
  await invoke({});
  expect(workerCount()).toBe(workersBefore + 1);

  await expect(invoke({ hang: true })).rejects.toThrow('timed out');

  expect(functions.activity()).toMatchObject({ probe: { environments: 0, busy: 0, timeouts: 1, errors: 1 } });
  await eventually(
    async () => workerCount(),
    (count) => count === workersBefore,
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
  expect(failureIn('probe')).toMatchObject({ errorType: 'Runtime.ExitError' });
  expect(functions.activity()).toMatchObject({ probe: { errors: 1 } });
  expect(reports).toEqual([]);
});

it('that forgets a promise which fails has crashed, and starts anew', async () => {
  await expect(invoke({ forget: 'lost' })).rejects.toMatchObject({
    payload: { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'RangeError: lost' },
  });
  expect((await invoke({})).invocations).toBe(1);
  expect(failureIn('probe')).toMatchObject({
    trace: expect.arrayContaining([expect.stringContaining('index.mjs')]),
  });
});

it.each(Object.entries(unloadable))(
  'that cannot be loaded (%s) fails each invocation',
  async (label, { error }) => {
    for (const _ of [1, 2]) {
      const failure = await functions.invokeByName(label, {}).catch((thrown: unknown) => thrown);
      const { errorType, errorMessage } = (failure as FunctionFailed).payload;
      expect(`${errorType}: ${errorMessage}`).toMatch(error);
      expect(failureIn(label)).toMatchObject({ errorType, errorMessage });
    }
    expect(functions.activity()).toMatchObject({
      [label]: { environments: 0, cold_starts: 2, invocations: 2, errors: 2 },
    });
    expect(reports).toEqual([]);
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
  functions = create(template, { keepIdleMs: 200 });
  await functions.start();
  await Promise.all([invoke({ waitMs: 50 }), invoke({ waitMs: 50 })]);

  await eventually(
    async () => functions.activity().probe?.environments,
    (environments) => environments === 0,
  );
  expect((await invoke({})).invocations).toBe(1);
  expect(functions.activity()).toMatchObject({ probe: { errors: 0 } });
  expect(reports).toEqual([]);
});

it('is no failure of the function, and not logged, that the twin stops in the middle of an invocation', async () => {
  const untilFile = join(folder, 'never');
  const underWay = invoke({ untilFile }).catch((error: unknown) => error);
  await eventually(
    async () => functions.activity().probe?.busy,
    (busy) => busy === 1,
  );

  await functions.end();

  expect(await underWay).toMatchObject({ payload: { errorType: 'Sandbox.Ended' } });
  expect(functions.activity()).toMatchObject({ probe: { errors: 0 } });
  expect(existsSync(join(folder, 'logs', 'probe.log'))).toBe(false);
  expect(reports).toEqual([]);
});

it('runs new code from the next invocation on, and lets those under way finish on the old', async () => {
  const newer = join(folder, 'newer');
  mkdirSync(newer);
  writeFileSync(
    join(newer, 'index.mjs'),
    "export const handler = async () => 'new code in ' + process.env.LAMBDA_TASK_ROOT;",
  );
  await invoke({});
  const underWay = invoke({ waitMs: 100 });

  functions.replaceCode('probe', newer);

  expect(await invoke({})).toBe(`new code in ${newer}`);
  const { invocations, environment } = await underWay;
  expect([invocations, environment.LAMBDA_TASK_ROOT]).toEqual([2, folder]);
  expect(await invoke({})).toBe(`new code in ${newer}`);
  expect(reports).toEqual([]);
});

it('writes what it prints to a log of its own, which goes on when the twin starts again', async () => {
  await invoke({ say: 'hello log' });
  await functions.invokeByName('unreserved', { say: 'another' });
  await functions.end();
  functions = create(template);
  await functions.start();
  await invoke({ say: 'hello again' });

  expect(logOf('probe')).toBe('hello log\nhello again\n');
  expect(logOf('unreserved')).toBe('another\n');
});

it('goes on where its log cannot be written, which is told once', async () => {
  await functions.end();
  rmSync(join(folder, 'logs'), { recursive: true });
  mkdirSync(join(folder, 'logs', 'probe.log'), { recursive: true });
  functions = create(template);
  await functions.start();

  await invoke({ say: 'nobody hears' });
  await invoke({ say: 'nobody hears' });
  await expect(invoke({ throw: 'boom' })).rejects.toThrow('boom');

  expect(reports).toEqual([expect.stringMatching(/probe\.log cannot be written: EISDIR/)]);
});

it('is found by its ARN, with or without a version, and an unknown one is named', async () => {
  await functions.invoke(`${functionArn('weir-dev-probe')}:$LATEST`, {});
  await expect(functions.invoke(`${functionArn('weir-dev-probe')}:live`, {})).rejects.toThrow('alias live');
  await expect(functions.invoke(functionArn('nobody'), {})).rejects.toThrow('nobody');
  await expect(functions.invokeByName('nobody', {})).rejects.toThrow(
    'There are: probe, unreserved, hanging, nofile',
  );
});

it('takes its time from the clock of the twin, which may be moved, and what is left of it from what has elapsed', async () => {
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
  expect(Math.abs(Number(after.day[0]) - after.now)).toBeLessThan(hourMs);
  expect(after.day.slice(1)).toEqual([5, true, true, true]);
  expect(after.clone).toEqual([5, true]);
  expect(after.remainingMs).toBeGreaterThan(0);
  expect(after.remainingMs).toBeLessThanOrEqual(1000);
});

it('is invoked by its label, its name or its logical id', async () => {
  const [{ logicalId, name } = { logicalId: '', name: '' }] = template.resources('AWS::Lambda::Function');

  for (const each of ['probe', name, logicalId])
    expect(await functions.invokeByName(each, {})).toMatchObject({ zone: 'UTC' });
});

it.each([
  ['another runtime than Node.js', { Runtime: 'python3.13' }, 'Other runs on python3.13'],
  [
    'the label of another function',
    { FunctionName: 'weir-prod-probe' },
    'Other: another function has the label probe',
  ],
])('a function with %s ends the start', async (_name, properties, message) => {
  const code = { S3Bucket: 'assets', S3Key: 'hash.zip' };
  const functionOf = (more: object) => ({
    Type: 'AWS::Lambda::Function',
    Properties: { FunctionName: 'weir-dev-probe', Code: code, ...more },
  });
  const both = {
    Probe: functionOf({}),
    Other: functionOf({ FunctionName: 'weir-dev-other', ...properties }),
  };
  const failing = create(templateOf(both, {}, { 'hash.zip': folder }));

  await expect(failing.start()).rejects.toThrow(message);
});

it.each([
  ['CommonJS', 'exports.handler = async ({ word }) => word.toUpperCase();'],
  ['a module', 'export const handler = async ({ word }) => word.toUpperCase();'],
])('runs inline code that is %s', async (_name, ZipFile) => {
  const inline = { FunctionName: 'inline', Handler: 'index.handler', Code: { ZipFile } };
  const running = create(templateOf({ Inline: { Type: 'AWS::Lambda::Function', Properties: inline } }));
  await running.start();
  onTestFinished(() => running.end());

  expect(await running.invokeByName('inline', { word: 'told' })).toBe('TOLD');
});

it('keeps the inline code of two twins with one folder apart, and removes it', async () => {
  const saying = (word: string) => {
    const Code = { ZipFile: `exports.handler = async () => '${word}';` };
    const inline = { FunctionName: 'inline', Handler: 'index.handler', Code };
    return create(templateOf({ Inline: { Type: 'AWS::Lambda::Function', Properties: inline } }));
  };
  const [one, two] = [saying('one'), saying('two')];
  await one.start();
  await two.start();

  const said = await Promise.all([one.invokeByName('inline', {}), two.invokeByName('inline', {})]);
  await one.end();
  await two.end();

  expect(said).toEqual(['one', 'two']);
  expect(readdirSync(join(folder, 'inline-code'))).toEqual([]);
});

it('refuses a label that would lead its log out of the folder', async () => {
  const Properties = { Handler: 'index.handler', Code: { ZipFile: 'exports.handler = async () => 1;' } };
  const stack = stackOf('escaping', { Resources: { Probe: { Type: 'AWS::Lambda::Function', Properties } } });
  const escaping = create(createTemplate([stack], () => '../elsewhere'));

  await expect(escaping.start()).rejects.toThrow('the label "../elsewhere"');
});

it('takes no payload over 6 MB', async () => {
  await expect(invoke({ text: 'x'.repeat(6 * 1024 * 1024) })).rejects.toMatchObject({
    name: 'PayloadTooLarge',
  });
});

it('runs in UTC, wherever the machine is', async () => {
  await functions.end();
  vi.stubEnv('TZ', 'America/New_York');
  functions = create(template);
  await functions.start();

  expect((await invoke({})).zone).toBe('UTC');
});
