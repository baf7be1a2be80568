import { beforeEach, expect, it } from 'vitest';
import { stageNeeds } from '../../../../bin/stage-needs.ts';
import type { AccountReads } from '../../../../cli/doctor/doctor.ts';
import { runCli } from '../../../../cli/run.ts';
import type { AccountNeeds } from '../../../../domain/system/account-needs.ts';

const needs: AccountNeeds = {
  stage: 'prod',
  functions: ['weir-prod-ingest'],
  reservedConcurrency: 828,
  shards: 1,
  onDemandStreams: 1,
  usagePlans: 8,
  requestsPerSecond: 3000,
  bootstrapVersion: 6,
};
const refusal = (name: string, message = 'no') => Promise.reject(Object.assign(new Error(message), { name }));

/** An account before the first deploy, in which all is well. */
let account: AccountReads;
let asked: readonly string[][];
beforeEach(() => {
  asked = [];
  account = {
    identity: async () => ({
      account: '123456789012',
      arn: 'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/ada',
      region: 'eu-central-1',
      aheadMs: 0,
    }),
    concurrency: async () => ({ limit: 1000, unreserved: 1000 }),
    reservedFor: async () => 0,
    streamLimits: async () => ({
      shards: { used: 0, limit: 200 },
      onDemandStreams: { used: 0, limit: 50 },
    }),
    streamsOf: async (names) => {
      asked = [...asked, [...names]];
      return { shards: 0, onDemandStreams: 0 };
    },
    countUsagePlans: async () => 0,
    countApiKeys: async () => 0,
    stack: async (name) =>
      name === 'CDKToolkit'
        ? { status: 'CREATE_COMPLETE', changedAtMs: 0, outputs: new Map([['BootstrapVersion', '30']]) }
        : undefined,
  };
});

async function doctor(...options: string[]) {
  let [out, err] = ['', ''];
  const streams = { out: (text: string) => (out += text), err: (text: string) => (err += `${text}\n`) };
  const neverConnects = () => Promise.reject(new Error('The stage is not needed.'));
  const code = await runCli(['doctor', ...options], streams as never, neverConnects, '/', {
    stageNeeds: async () => needs,
    connectAccount: async () => account,
  });
  return { code, out, err };
}
const checksOf = async () => {
  const { code, out } = await doctor('--json');
  const { ok, checks } = JSON.parse(out) as {
    readonly ok: boolean;
    readonly checks: readonly { name: string; state: string; what: string; todo: string | null }[];
  };
  return { code, ok, of: (name: string) => checks.find((check) => check.name === name), checks };
};

it('an account in which all is well exits with 0, also before the first deploy', async () => {
  const { code, ok, checks } = await checksOf();

  expect({ code, ok }).toEqual({ code: 0, ok: true });
  expect(checks.map(({ name, state }) => `${name}: ${state}`)).toEqual([
    'credentials: ok',
    'clock: ok',
    'region: ok',
    'CDK bootstrap: ok',
    'stack with data: ok',
    'stack of code: ok',
    'Lambda concurrency: ok',
    'Kinesis shards: ok',
    'on-demand streams: ok',
    'usage plans: ok',
    'API keys: ok',
  ]);
});

it('one check that fails exits with 1, and the others are told too', async () => {
  account = { ...account, concurrency: async () => ({ limit: 10, unreserved: 10 }) };

  const { code, ok, of } = await checksOf();

  expect({ code, ok }).toEqual({ code: 1, ok: false });
  expect(of('Lambda concurrency')).toMatchObject({ state: 'fails', todo: expect.stringContaining('928') });
  expect(of('API keys')?.state).toBe('ok');
});

it('a check that may not be read is a warning with the permission that it takes', async () => {
  account = {
    ...account,
    streamLimits: () => refusal('AccessDeniedException'),
    countApiKeys: () => refusal('AccessDenied'),
  };

  const { code, of } = await checksOf();

  expect(code).toBe(0);
  expect(of('Kinesis shards')).toMatchObject({
    state: 'warning',
    todo: 'Allow kinesis:DescribeLimits and DescribeStreamSummary.',
  });
  expect(of('API keys')).toMatchObject({ state: 'warning', todo: 'Allow apigateway:GET on /apikeys.' });
});

it('a check that cannot be read fails in one line, without a stack', async () => {
  account = { ...account, countApiKeys: () => refusal('TimeoutError', `no\n  answer ${'x'.repeat(500)}`) };

  const { code, of } = await checksOf();

  expect(code).toBe(1);
  expect(of('API keys')?.what).toMatch(/^It cannot be read: TimeoutError: no answer x{1,200}$/);
});

it('without credentials nothing else is asked', async () => {
  account = { ...account, identity: () => refusal('ExpiredToken', 'The security token is expired') };

  const { code, checks } = await checksOf();

  expect(code).toBe(1);
  expect(checks).toEqual([
    {
      name: 'credentials',
      state: 'fails',
      what: 'AWS does not take them: ExpiredToken: The security token is expired',
      todo: expect.stringContaining('aws login'),
    },
  ]);
});

it('the streams that a deployed stage has are found by its outputs', async () => {
  const undeployed = account.stack;
  account = {
    ...account,
    stack: async (name) =>
      name === 'weir-prod-stateful'
        ? {
            status: 'UPDATE_COMPLETE',
            changedAtMs: 0,
            outputs: new Map([
              ['EventStream', 'events'],
              ['PriorityEventStream', 'priority'],
              ['LateEventStream', 'late'],
            ]),
          }
        : undeployed(name),
  };

  await checksOf();

  expect(asked).toEqual([['events', 'priority', 'late']]);
});

it('the table fits into 80 columns, whatever is told', async () => {
  account = {
    ...account,
    concurrency: async () => ({ limit: 10, unreserved: 10 }),
    countApiKeys: () => refusal('TimeoutError', 'x'.repeat(300)),
    stack: () => refusal('AccessDenied'),
  };

  const { out } = await doctor();

  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(out).toContain('fails    Lambda concurrency');
});

it('a stage that nobody has settings for is wrong use', async () => {
  let err = '';
  const streams = { out: () => undefined, err: (text: string) => (err += text) };

  const code = await runCli(['doctor', '--stage', 'nope'], streams as never, undefined, '/', { stageNeeds });

  expect(code).toBe(2);
  expect(err).toContain('There is no stage "nope". Known stages: dev, prod');
});
