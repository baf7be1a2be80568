// GET /v1/health: each dependency by itself, within a bounded time.

import { expect, it } from 'vitest';
import { MemoryBusiest } from '../../../../adapters/accounts/memory-busiest.ts';
import { MemoryLags } from '../../../../adapters/limits/memory-lags.ts';
import { type Dependency, failedAfterMs, slowAfterMs } from '../../../../domain/system/dependencies.ts';
import { minuteMs } from '../../../../domain/system/time.ts';
import { createHealth, type HealthDeps } from '../../../../lambdas/manage/health.ts';
import { nowMs } from '../../../support/events.ts';
import { silentLogger } from '../../../support/meter.ts';
import { httpRequest } from '../../../support/requests.ts';

/** Time passes only while somebody waits. Who waits the shortest goes on first. */
class WaitedClock {
  nowMs = nowMs;
  readonly #waiting: { readonly untilMs: number; readonly go: () => void }[] = [];

  now = (): number => this.nowMs;
  sleep = (ms: number): Promise<void> =>
    new Promise((go) => {
      this.#waiting.push({ untilMs: this.nowMs + ms, go });
      setImmediate(() => this.#next());
    });

  #next(): void {
    this.#waiting.sort((one, other) => one.untilMs - other.untilMs);
    const first = this.#waiting.shift();
    if (!first) return;
    this.nowMs = Math.max(this.nowMs, first.untilMs);
    first.go();
  }
}

function start(checks: Readonly<Record<string, Dependency['check']>>, more: Partial<HealthDeps> = {}) {
  const clock = new WaitedClock();
  const dependencies = Object.entries(checks).map(([name, check]) => ({ name, check }));
  const [lags, busiest] = [new MemoryLags(), new MemoryBusiest()];
  const deps = { dependencies, lags, busiest, clock, logger: silentLogger, ...more };
  const read = createHealth(deps);
  const ask = () => read(httpRequest({ method: 'GET', resource: '/v1/health' }));
  return { clock, lags, busiest, ask };
}

const takes = (clock: () => WaitedClock, ms: number) => () => clock().sleep(ms);
const ages = [
  { name: 'lag of the consumer', status: 'ok' },
  { name: 'age of the report', status: 'ok' },
];

it('is ok where all answer, and tells how long each took', async () => {
  const { ask } = start({ 'table a': async () => undefined, 'stream b': async () => undefined });

  expect(await ask()).toMatchObject({
    status: 'ok',
    dependencies: [{ name: 'table a', status: 'ok', ms: 0 }, { name: 'stream b', status: 'ok' }, ...ages],
    consumer_lag_ms: null,
    report_age_ms: null,
  });
});

it('is as bad as the worst, and names it', async () => {
  const own: { clock?: WaitedClock } = {};
  const clock = () => own.clock as WaitedClock;
  const started = start({
    slow: takes(clock, slowAfterMs + 1),
    broken: () => Promise.reject(new Error('secret detail')),
    fast: takes(clock, slowAfterMs),
  });
  own.clock = started.clock;

  const health = await started.ask();

  expect(health.dependencies.map(({ name, status }) => `${name} ${status}`).slice(0, 3)).toEqual([
    'slow slow',
    'broken failed',
    'fast ok',
  ]);
  expect(health.status).toBe('failed');
  expect(JSON.stringify(health)).not.toContain('secret');
});

it('is told in bounded time where a dependency hangs', async () => {
  const { ask } = start({ hanging: () => new Promise(() => {}), 'table a': async () => undefined });

  expect((await ask()).dependencies.slice(0, 2)).toEqual([
    { name: 'hanging', status: 'failed', ms: failedAfterMs },
    { name: 'table a', status: 'ok', ms: 0 },
  ]);
});

it('is looked at again only after five seconds, however many ask', async () => {
  let looks = 0;
  const { clock, ask } = start({ a: async () => (looks += 1) });

  await Promise.all([ask(), ask(), ask()]);
  clock.nowMs += 4999;
  await ask();
  expect(looks).toBe(1);
  clock.nowMs += 1;
  await ask();
  expect(looks).toBe(2);
});

it('tells the greatest lag that is known, and not the last word of a consumer that stopped', async () => {
  const { clock, lags, busiest, ask } = start({});
  await lags.put({ shard: 'events/1', ageMs: 700, atMs: nowMs });
  await lags.put({ shard: 'events/2', ageMs: 9000, atMs: nowMs - 3 * minuteMs });
  await busiest.keep({
    atMs: nowMs - minuteMs,
    unseen: 0,
    accounts: [],
    othersDollarsPerHour: 0,
    automatic: true,
    advice: [],
  });

  expect(await ask()).toMatchObject({ consumer_lag_ms: 700, report_age_ms: minuteMs });
  clock.nowMs += 5 * minuteMs;
  expect(await ask()).toMatchObject({ consumer_lag_ms: null, report_age_ms: 6 * minuteMs });
});

it('fails for what tells lag and age too', async () => {
  const away = () => Promise.reject(new Error('away'));
  const { ask } = start({}, { lags: { all: away }, busiest: { find: away } });

  expect(await ask()).toMatchObject({ status: 'failed', consumer_lag_ms: null, report_age_ms: null });
});
