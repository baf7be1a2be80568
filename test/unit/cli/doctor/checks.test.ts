import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as checks from '../../../../cli/doctor/checks.ts';
import { minuteMs } from '../../../../domain/system/time.ts';

describe('the clock', () => {
  it.each([
    [0, 'ok'],
    [-minuteMs, 'ok'],
    [minuteMs + 1, 'warning'],
    [-minuteMs - 1, 'warning'],
    [5 * minuteMs + 1, 'fails'],
    [-5 * minuteMs - 1, 'fails'],
  ])('of %d ms ahead: %s', (aheadMs, state) => {
    expect(checks.checkClock(aheadMs).state).toBe(state);
  });

  it('is told by its side', () => {
    expect(checks.checkClock(120_000).what).toBe('This machine is 120 s ahead of AWS.');
    expect(checks.checkClock(-120_000).what).toBe('This machine is 120 s behind AWS.');
  });
});

it('the region is that of the stage, if it names one', () => {
  expect(checks.checkRegion({ stage: 'prod' }, 'eu-west-1').state).toBe('ok');
  expect(checks.checkRegion({ stage: 'prod', region: 'eu-west-1' }, 'eu-west-1').state).toBe('ok');
  expect(checks.checkRegion({ stage: 'prod', region: 'eu-west-1' }, 'us-east-1')).toMatchObject({
    state: 'fails',
    todo: expect.stringContaining('AWS_REGION=eu-west-1'),
  });
});

it.each([
  [undefined, 'fails'],
  [5, 'fails'],
  [6, 'ok'],
  [30, 'ok'],
])('the bootstrap stack of version %j: %s', (version, state) => {
  expect(checks.checkBootstrap(version, 6, 'dev').state).toBe(state);
});

it.each([
  [undefined, 'ok'],
  ['CREATE_COMPLETE', 'ok'],
  ['UPDATE_COMPLETE', 'ok'],
  ['UPDATE_ROLLBACK_COMPLETE', 'ok'],
  ['UPDATE_IN_PROGRESS', 'warning'],
  ['UPDATE_ROLLBACK_IN_PROGRESS', 'warning'],
  ['ROLLBACK_COMPLETE', 'fails'],
  ['ROLLBACK_FAILED', 'fails'],
  ['CREATE_FAILED', 'fails'],
  ['DELETE_FAILED', 'fails'],
  ['UPDATE_ROLLBACK_FAILED', 'fails'],
])('a stack that is %s: %s', (status, state) => {
  const stack = status === undefined ? undefined : { status, changedAtMs: 0 };
  expect(checks.checkStack('weir-dev-stateful', stack).state).toBe(state);
});

describe('the concurrency of Lambda', () => {
  const prod = { reservedConcurrency: 828, requestsPerSecond: 3000 };
  const dev = { reservedConcurrency: 0, requestsPerSecond: 3000 };

  it('must leave 100 unreserved, and the finding says what to ask for', () => {
    expect(checks.checkConcurrency(prod, { limit: 928, unreserved: 928, reserved: 0 }).state).toBe('ok');
    expect(checks.checkConcurrency(prod, { limit: 927, unreserved: 927, reserved: 0 })).toMatchObject({
      state: 'fails',
      todo: expect.stringMatching(/^Ask for 928 or more: .*L-B99A9384/),
    });
  });

  it('that the stage has reserved already is not needed again', () => {
    expect(checks.checkConcurrency(prod, { limit: 1000, unreserved: 172, reserved: 828 }).state).toBe('ok');
    expect(checks.checkConcurrency(prod, { limit: 1000, unreserved: 172, reserved: 0 }).state).toBe('fails');
  });

  it('of a new account deploys a stage that reserves nothing, and is told to be slow', () => {
    expect(checks.checkConcurrency(dev, { limit: 10, unreserved: 10, reserved: 0 })).toMatchObject({
      state: 'warning',
      what: expect.stringContaining('can send 50 requests/s'),
    });
    expect(checks.checkConcurrency(dev, { limit: 600, unreserved: 600, reserved: 0 }).state).toBe('ok');
    expect(checks.checkConcurrency(dev, { limit: 599, unreserved: 599, reserved: 0 }).state).toBe('warning');
  });

  it('that was asked for is enough', () => {
    const number = fc.integer({ min: 0, max: 5000 });
    fc.assert(
      fc.property(number, number, number, (limit, others, reservedConcurrency) => {
        fc.pre(others <= limit);
        const needs = { reservedConcurrency, requestsPerSecond: 3000 };
        const { todo = '' } = checks.checkConcurrency(needs, {
          limit,
          unreserved: limit - others,
          reserved: 0,
        });
        const asked = Number(/ask for (\d+)/i.exec(todo)?.[1] ?? limit);

        expect(
          checks.checkConcurrency(needs, { limit: asked, unreserved: asked - others, reserved: 0 }).state,
        ).toBe('ok');
      }),
    );
  });
});

it('streams and shards of the stage fit, of which it may have some', () => {
  expect(checks.checkShards({ used: 499, limit: 500 }, 1, 0).state).toBe('ok');
  expect(checks.checkShards({ used: 500, limit: 500 }, 1, 0).state).toBe('fails');
  expect(checks.checkShards({ used: 500, limit: 500 }, 1, 1).state).toBe('ok');
  expect(checks.checkOnDemandStreams({ used: 49, limit: 50 }, 2, 0).state).toBe('fails');
  expect(checks.checkOnDemandStreams({ used: 49, limit: 50 }, 2, 1).state).toBe('ok');
});

it('usage plans over the usual quota are a warning, because it may have been raised', () => {
  expect(checks.checkUsagePlans(292, 8, false).state).toBe('ok');
  expect(checks.checkUsagePlans(293, 8, false).state).toBe('warning');
  expect(checks.checkUsagePlans(300, 8, true).state).toBe('ok');
});

it.each([
  [0, 'ok'],
  [9500, 'ok'],
  [9501, 'warning'],
  [10_000, 'fails'],
])('%d API keys: %s', (used, state) => {
  expect(checks.checkApiKeys(used).state).toBe(state);
});

it('whatever is not well says what to do', () => {
  for (const finding of [
    checks.checkClock(10 * minuteMs),
    checks.checkBootstrap(undefined, 6, 'dev'),
    checks.checkStack('s', { status: 'DELETE_FAILED', changedAtMs: undefined }),
    checks.checkShards({ used: 1, limit: 1 }, 1, 0),
    checks.checkApiKeys(10_000),
  ])
    expect(finding.todo).toMatch(/\.$|=dev$/);
});
