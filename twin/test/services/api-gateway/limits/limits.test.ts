import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../../../src/services/api-gateway/limits/limits.ts';
import { Limits } from '../../../../src/services/api-gateway/limits/limits.ts';
import { periodAt } from '../../../../src/services/api-gateway/limits/quota.ts';
import { QuotaUsage } from '../../../../src/services/api-gateway/limits/quota-usage.ts';
import { eventually } from '../../../support/eventually.ts';

const method = { httpMethod: 'GET', resourcePath: '/items' };
const noThrottle = () => undefined;
const silent = () => undefined;

const clientOf = (plan: Partial<Client['plan']>): Client => ({
  key: { apiKey: 'secret', apiKeyId: 'key' },
  plan: { planId: 'plan', throttle: undefined, methodThrottles: noThrottle, quota: undefined, ...plan },
});

describe('the limits', () => {
  it('are at last those of the account: 5,000 at once and 10,000 a second', () => {
    const limits = new Limits(noThrottle, new QuotaUsage(undefined, silent));
    const admittedAt = (nowMs: number) => {
      let admitted = 0;
      // Bounded, for a limit that is none.
      while (admitted <= 10_000 && limits.refuse(method, undefined, nowMs) === undefined) admitted += 1;
      return admitted;
    };

    expect([0, 0, 1, 101, 1101].map(admittedAt)).toEqual([5000, 0, 10, 1000, 5000]);
  });

  it('take nothing from any of them for a request that one of them refuses', () => {
    const stageThrottles = ({ resourcePath }: typeof method) =>
      resourcePath === '/slow' ? { rateLimitPerSecond: 1, burstLimit: 1 } : undefined;
    const usage = new QuotaUsage(undefined, silent);
    const limits = new Limits(stageThrottles, usage);
    const client = clientOf({
      throttle: { rateLimitPerSecond: 1, burstLimit: 3 },
      quota: { limitRequests: 3, period: 'DAY' },
    });
    const slow = { ...method, resourcePath: '/slow' };

    const onSlow = [1, 2, 3, 4].map(() => limits.refuse(slow, client, 0));
    const elsewhere = [1, 2, 3].map(() => limits.refuse(method, client, 0));
    const whenFull = [1, 2, 3].map(() => limits.refuse(method, client, 5000));

    expect(onSlow).toEqual([undefined, 'THROTTLED', 'THROTTLED', 'THROTTLED']);
    expect(elsewhere).toEqual([undefined, undefined, 'THROTTLED']);
    expect(whenFull).toEqual(['QUOTA_EXCEEDED', 'QUOTA_EXCEEDED', 'QUOTA_EXCEEDED']);
    expect(usage.requestsOf('plan key', 'DAY 1970-01-01')).toBe(3);
  });
});

describe('a period', () => {
  it.each([
    ['DAY', '2026-11-18T00:00:00.000Z', '2026-11-18T23:59:59.999Z', '2026-11-19T00:00:00.000Z'],
    ['WEEK', '2026-11-15T00:00:00.000Z', '2026-11-21T23:59:59.999Z', '2026-11-22T00:00:00.000Z'],
    ['MONTH', '2026-11-01T00:00:00.000Z', '2026-11-30T23:59:59.999Z', '2026-12-01T00:00:00.000Z'],
  ] as const)('of a %s lasts from %s to %s and not to %s', (period, first, last, next) => {
    expect(periodAt(period, Date.parse(last))).toBe(periodAt(period, Date.parse(first)));
    expect(periodAt(period, Date.parse(next))).not.toBe(periodAt(period, Date.parse(last)));
  });

  it('of a week goes over the end of a year', () => {
    expect(periodAt('WEEK', Date.parse('2027-01-02T12:00:00Z'))).toBe('WEEK 2026-12-27');
  });
});

describe('what was used of a quota', () => {
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weir-quota-'));
  });
  afterEach(async () => {
    vi.useRealTimers();
    await rm(folder, { recursive: true });
  });

  const contentsOf = (file: string) =>
    readFile(file, 'utf8').then(
      (text) => JSON.parse(text).value,
      () => undefined,
    ) as Promise<unknown>;

  it('is written together, a second after the first request', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const file = join(folder, 'quota-usage.json');
    const usage = new QuotaUsage(file, silent);
    await usage.start();
    for (let request = 0; request < 5; request += 1) usage.count('plan key', 'DAY 2026-11-18');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(999);
    expect(await contentsOf(file)).toBeUndefined();

    vi.advanceTimersByTime(1);
    vi.useRealTimers();

    const written = await eventually(
      () => contentsOf(file),
      (contents) => contents !== undefined,
    );
    expect(written).toEqual({ 'plan key': { period: 'DAY 2026-11-18', requests: 5 } });
  });

  it('is only that of the current period', async () => {
    const file = join(folder, 'quota-usage.json');
    const usage = new QuotaUsage(file, silent);
    await usage.start();
    usage.count('plan key', 'DAY 2026-11-18');
    usage.count('plan key', 'DAY 2026-11-19');
    await usage.end();

    expect(await contentsOf(file)).toEqual({ 'plan key': { period: 'DAY 2026-11-19', requests: 1 } });
    expect(usage.requestsOf('plan key', 'DAY 2026-11-18')).toBe(0);
  });

  it('is told and not fatal where it cannot be written', async () => {
    const reports: string[] = [];
    const usage = new QuotaUsage('/dev/null/quota-usage.json', (problem) => reports.push(problem));
    usage.count('plan key', 'DAY 2026-11-18');

    await usage.end();

    expect(reports).toEqual([expect.stringContaining('gateway: used quotas could not be kept: ')]);
  });
});
