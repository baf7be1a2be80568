import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { QuotaUsage } from '../../../src/services/api-gateway/limits/quota-usage.ts';
import type { StackTemplate } from '../../../src/template/assembly.ts';
import {
  type FakeFunction,
  gatewayResponse,
  method,
  policy,
  protectedBy,
  stage,
  startGateway,
  type TestGateway,
} from './fixture.ts';

let running: TestGateway | undefined;
let nowMs = 0;
let enabled = true;
let whileAuthorizing: (key: string) => Promise<void>;

beforeEach(() => {
  nowMs = Date.parse('2026-11-18T12:00:00Z');
  enabled = true;
  whileAuthorizing = async () => undefined;
});

const onStage = { ApiId: { Ref: 'Api' }, Stage: { Ref: 'Stage' } };
const plan = (properties: object, stage: object = {}) => ({
  Type: 'AWS::ApiGateway::UsagePlan',
  Properties: { ApiStages: [{ ...onStage, ...stage }], ...properties },
});
const stageWith = (...MethodSettings: object[]) => ({ Stage: stage({ MethodSettings }) });
const throttled = (ThrottlingRateLimit: number, ThrottlingBurstLimit: number) => ({
  ThrottlingRateLimit,
  ThrottlingBurstLimit,
});
/** Guarded too, for what counts for a key and not for a method. */
const alsoGuarded = { LatestMethod: method('Latest', protectedBy) };

/** A caller's key is on `Plan`, unless its name begins with another plan's. */
async function start(changes: StackTemplate['Resources'], quotaFile?: string): Promise<void> {
  const authorize: FakeFunction = async ({ headers }) => {
    const key = String(headers?.['x-api-key']);
    await whileAuthorizing(key);
    return policy('Allow', '*', { usageIdentifierKey: key, context: { account_id: 'acme' } });
  };
  running = await startGateway(
    { authorize, serve: () => ({ statusCode: 200 }) },
    changes,
    {
      find: (value) => ({ id: `id-of-${value}`, name: '', value, enabled }),
      plansOf: (keyId) =>
        keyId === 'id-of-both'
          ? ['weir-test-SmallPlan', 'weir-test-Plan']
          : [keyId.startsWith('id-of-small') ? 'weir-test-SmallPlan' : 'weir-test-Plan'],
    },
    { now: () => nowMs, quotaUsage: new QuotaUsage(quotaFile, (problem) => expect.unreachable(problem)) },
  );
}

const get = (path: string, key = 'one') => fetch(`${running?.url}${path}`, { headers: { 'x-api-key': key } });

async function statuses(requests: number, path: string, key?: string): Promise<readonly number[]> {
  const seen: number[] = [];
  while (seen.length < requests) seen.push((await get(path, key)).status);
  return seen;
}

describe('the throttle of a usage plan', () => {
  const twoAtOnce = { Throttle: { RateLimit: 4, BurstLimit: 2 } };

  it('lets exactly the burst pass while the clock stands, and refuses the next', async () => {
    await start({ Plan: plan(twoAtOnce) });

    expect(await statuses(2, '/guarded')).toEqual([200, 200]);
    const refused = await get('/guarded');

    expect(refused.status).toBe(429);
    expect(refused.headers.get('x-amzn-errortype')).toBe('TooManyRequestsException');
    expect(refused.headers.get('content-type')).toBe('application/json');
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(await refused.json()).toEqual({ message: 'Too Many Requests' });
  });

  it('refuses in the words of the template, which may name the caller', async () => {
    await start({
      Plan: plan(twoAtOnce),
      Throttled: gatewayResponse(
        'THROTTLED',
        '420',
        '{"account":"$context.authorizer.account_id","type":"$context.error.responseType"}',
        { 'Retry-After': "'1'", 'content-type': "'application/problem+json'" },
      ),
    });
    await statuses(2, '/guarded');

    const refused = await get('/guarded');

    expect(refused.status).toBe(420);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.headers.get('x-amzn-errortype')).toBe('TooManyRequestsException');
    expect(await refused.json()).toEqual({ account: 'acme', type: 'THROTTLED' });
  });

  it('lets one more pass in each fraction of a second that the rate makes', async () => {
    await start({ Plan: plan(twoAtOnce) });
    await statuses(2, '/guarded');

    nowMs += 249;
    expect(await statuses(1, '/guarded')).toEqual([429]);
    nowMs += 1;
    expect(await statuses(2, '/guarded')).toEqual([200, 429]);
  });

  it('begins anew, with its burst, after the clock went back', async () => {
    await start({ Plan: plan(twoAtOnce) });
    await statuses(2, '/guarded');

    nowMs -= 3_600_000;
    expect(await statuses(3, '/guarded')).toEqual([200, 200, 429]);
    nowMs += 250;
    expect(await statuses(2, '/guarded')).toEqual([200, 429]);
  });

  it('goes by the time after the authorizer, so that who took longer there does not turn the clock back', async () => {
    const asked = Promise.withResolvers<void>();
    const mayGoOn = Promise.withResolvers<void>();
    whileAuthorizing = async (key) => {
      if (key !== 'slow') return;
      asked.resolve();
      await mayGoOn.promise;
    };
    await start(stageWith({ HttpMethod: 'GET', ResourcePath: '/~1guarded', ...throttled(1, 2) }));
    const slow = get('/guarded', 'slow');
    await asked.promise;

    nowMs += 100;
    expect(await statuses(3, '/guarded')).toEqual([200, 200, 429]);
    mayGoOn.resolve();

    expect((await slow).status).toBe(429);
    expect(await statuses(1, '/guarded')).toEqual([429]);
  });

  it('is that of each key, over all methods', async () => {
    await start({ Plan: plan(twoAtOnce), ...alsoGuarded });

    expect(await statuses(1, '/guarded', 'one')).toEqual([200]);
    expect(await statuses(2, '/items/latest', 'one')).toEqual([200, 429]);
    expect(await statuses(3, '/guarded', 'two')).toEqual([200, 200, 429]);
  });

  it('is of no concern to another plan, nor to one without a throttle', async () => {
    await start({ SmallPlan: plan(twoAtOnce) });

    expect(await statuses(3, '/guarded', 'small')).toEqual([200, 200, 429]);
    expect(new Set(await statuses(20, '/guarded', 'large'))).toEqual(new Set([200]));
  });

  it('is that of the first plan where a key is on several', async () => {
    await start({ SmallPlan: plan(twoAtOnce) });

    expect(await statuses(3, '/guarded', 'both')).toEqual([200, 200, 429]);
  });

  it('may hold a single method back further, at no cost to the others', async () => {
    await start({
      Plan: plan(
        { Throttle: { RateLimit: 1, BurstLimit: 3 } },
        { Throttle: { '/guarded/GET': { RateLimit: 1, BurstLimit: 1 } } },
      ),
      ...alsoGuarded,
    });

    expect(await statuses(4, '/guarded', 'one')).toEqual([200, 429, 429, 429]);
    expect(await statuses(3, '/items/latest', 'one')).toEqual([200, 200, 429]);
    expect(await statuses(2, '/guarded', 'two')).toEqual([200, 429]);
  });

  it('does not concern whose key is refused', async () => {
    await start({ Plan: plan({ ...twoAtOnce, Quota: { Limit: 2, Period: 'DAY' } }) });

    enabled = false;
    expect(await statuses(3, '/guarded')).toEqual([403, 403, 403]);
    enabled = true;
    expect(await statuses(2, '/guarded')).toEqual([200, 200]);
  });
});

describe('the throttle of a stage', () => {
  it('for a method holds back all its callers together, and no other method', async () => {
    await start(
      stageWith(
        { HttpMethod: 'ANY', ResourcePath: '/~1items~1latest', ...throttled(10, 2) },
        { HttpMethod: 'GET', ResourcePath: '/~1guarded', ...throttled(10, 1) },
      ),
    );

    expect(await statuses(3, '/items/latest')).toEqual([200, 200, 429]);
    expect(await statuses(1, '/guarded', 'one')).toEqual([200]);
    expect(await statuses(1, '/guarded', 'two')).toEqual([429]);
    expect(new Set(await statuses(20, '/items'))).toEqual(new Set([200]));

    nowMs += 100;
    expect(await statuses(2, '/items/latest')).toEqual([200, 429]);
  });

  it('for all methods is that of each by itself, unless an entry of its own says otherwise', async () => {
    await start(
      stageWith(
        { HttpMethod: '*', ResourcePath: '/*', ...throttled(1, 1) },
        { HttpMethod: 'ANY', ResourcePath: '/~1items', ...throttled(1, 2) },
        { HttpMethod: 'ANY', ResourcePath: '/~1items~1{item_id}', MetricsEnabled: true },
      ),
    );

    expect(await statuses(2, '/items/latest')).toEqual([200, 429]);
    expect(await statuses(2, '/items:debug')).toEqual([200, 429]);
    expect(await statuses(3, '/items')).toEqual([200, 200, 429]);
    expect(new Set(await statuses(20, '/items/other'))).toEqual(new Set([200]));
  });
});

describe('the quota of a usage plan', () => {
  const twoA = (Period: string, more = {}) => plan({ Quota: { Limit: 2, Period }, ...more });

  it('that is used up refuses in its own words', async () => {
    await start({ Plan: twoA('DAY') });

    expect(await statuses(2, '/guarded')).toEqual([200, 200]);
    const refused = await get('/guarded');

    expect(refused.status).toBe(429);
    expect(refused.headers.get('x-amzn-errortype')).toBe('LimitExceededException');
    expect(refused.headers.get('content-type')).toBe('application/json');
    expect(await refused.json()).toEqual({ message: 'Limit Exceeded' });
  });

  it('that is used up refuses in the words of the template', async () => {
    await start({
      Plan: twoA('DAY'),
      Exceeded: gatewayResponse('QUOTA_EXCEEDED', undefined, '{"of":"$context.authorizer.account_id"}', {
        'retry-after': "'3600'",
      }),
    });
    await statuses(2, '/guarded');

    const refused = await get('/guarded');

    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('3600');
    expect(await refused.json()).toEqual({ of: 'acme' });
  });

  it.each([
    ['DAY', '2026-11-18T23:59:59.999Z'],
    ['WEEK', '2026-11-21T23:59:59.999Z'],
    ['MONTH', '2026-11-30T23:59:59.999Z'],
  ])('of a %s is used up until %s and new a millisecond later', async (period, lastMoment) => {
    await start({ Plan: twoA(period) });
    await statuses(2, '/guarded');

    nowMs = Date.parse(lastMoment);
    expect(await statuses(1, '/guarded')).toEqual([429]);
    nowMs += 1;
    expect(await statuses(3, '/guarded')).toEqual([200, 200, 429]);
  });

  it('is that of each key', async () => {
    await start({ Plan: twoA('DAY') });

    expect(await statuses(3, '/guarded', 'one')).toEqual([200, 200, 429]);
    expect(await statuses(3, '/guarded', 'two')).toEqual([200, 200, 429]);
  });

  it('is not used by requests that a throttle holds back', async () => {
    await start({ Plan: twoA('DAY', { Throttle: { RateLimit: 1, BurstLimit: 1 } }) });
    const types = async (requests: number) => {
      const answers = await Promise.all(Array.from({ length: requests }, () => get('/guarded')));
      return answers.map((answer) => answer.headers.get('x-amzn-errortype') ?? 'served').sort();
    };

    expect(await types(3)).toEqual(['TooManyRequestsException', 'TooManyRequestsException', 'served']);
    nowMs += 1000;
    expect(await types(2)).toEqual(['TooManyRequestsException', 'served']);
    nowMs += 1000;
    expect(await types(1)).toEqual(['LimitExceededException']);
  });

  it('stays used over a restart where there is a file for it, and only there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'weir-quota-'));
    const restart = async (quotaFile?: string) => {
      await running?.end();
      await start({ Plan: twoA('MONTH') }, quotaFile);
      return statuses(1, '/guarded');
    };
    const file = join(folder, 'quota-usage.json');

    expect([await restart(), await restart(), await restart()]).toEqual([[200], [200], [200]]);
    expect([await restart(file), await restart(file), await restart(file)]).toEqual([[200], [200], [429]]);

    await running?.end();
    await rm(folder, { recursive: true });
  });
});

describe('the start is refused', () => {
  it.each<[what: string, changes: StackTemplate['Resources'], message: string]>([
    [
      'an offset of a quota, whose meaning AWS documents in two ways',
      { Plan: plan({ Quota: { Limit: 1, Offset: 2, Period: 'WEEK' } }) },
      'Plan: the Offset of a quota is not modelled',
    ],
    [
      'a quota without a period',
      { Plan: plan({ Quota: { Limit: 1 } }) },
      'Plan: a quota of 1 a undefined is not modelled',
    ],
    [
      'a rate without a burst',
      { Plan: plan({ Throttle: { RateLimit: 1 } }) },
      'Plan: Throttle: a throttle with the rate 1 and the burst undefined is not modelled',
    ],
    [
      'a burst without a rate',
      { Plan: plan({ Throttle: { BurstLimit: 1 } }) },
      'Plan: Throttle: a throttle with the rate undefined and the burst 1 is not modelled',
    ],
    [
      'a negative rate',
      { Plan: plan({ Throttle: { RateLimit: -1, BurstLimit: 1 } }) },
      'Plan: Throttle: a throttle with the rate -1 and the burst 1 is not modelled',
    ],
    [
      'a negative burst',
      stageWith({ HttpMethod: '*', ResourcePath: '/*', ...throttled(1, -1) }),
      'Stage: MethodSettings of * /*: a throttle with the rate 1 and the burst -1 is not modelled',
    ],
    [
      'a rate that is no number',
      { Plan: plan({}, { Throttle: { '/items/GET': { RateLimit: 'fast', BurstLimit: 1 } } }) },
      'Plan: Throttle of /items/GET: a throttle with the rate fast and the burst 1 is not modelled',
    ],
    [
      'a negative quota',
      { Plan: plan({ Quota: { Limit: -1, Period: 'DAY' } }) },
      'Plan: a quota of -1 a DAY is not modelled',
    ],
    [
      'a quota without a limit',
      { Plan: plan({ Quota: { Period: 'DAY' } }) },
      'Plan: a quota of undefined a DAY is not modelled',
    ],
    [
      'a wildcard for the methods of a plan',
      { Plan: plan({}, { Throttle: { '/items/*': { RateLimit: 1, BurstLimit: 1 } } }) },
      'Plan: Throttle of /items/*: it has to name one method',
    ],
    [
      'half a wildcard for the methods of a stage',
      stageWith({ HttpMethod: '*', ResourcePath: '/~1items', ...throttled(1, 1) }),
      'Stage: MethodSettings of * /~1items: AWS knows one method of one path',
    ],
  ])('by %s', async (_what, changes, message) => {
    await expect(start(changes)).rejects.toThrow(message);
  });
});
