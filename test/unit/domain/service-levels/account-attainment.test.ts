// What an account got of what is promised, as sums of counters.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addMeasured,
  attainmentsOf,
  failureReasons,
  gatewayRefusals,
  type Measured,
  nothingMeasured,
  percentilesOf,
} from '../../../../domain/service-levels/account-attainment.ts';
import {
  addLevels,
  addUp,
  latencyBounds,
  type MeasuredRequest,
  outcomes,
  routeGroups,
  sumLevels,
} from '../../../../domain/service-levels/account-levels.ts';
import { sloAnswer } from '../../../../domain/service-levels/account-slo.ts';
import { dayMs, floorTo, hourMs } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';
import { tenantOf } from '../../../support/lanes.ts';

const request = (more: Partial<MeasuredRequest> = {}): MeasuredRequest => ({
  tenant: tenantOf('acme'),
  atMs: nowMs,
  group: 'ingest',
  outcome: 'answered',
  ...more,
});
const measured = (...requests: MeasuredRequest[]): Measured => ({
  ...nothingMeasured,
  levels: sumLevels(addUp(requests)),
});
const many = (count: number, more: Partial<MeasuredRequest> = {}) =>
  Array.from({ length: count }, () => request(more));
const attainment = (of: Measured, name: string) => attainmentsOf(of).find((each) => each.name === name);

const someRequest = fc.record({
  tenant: fc.constantFrom(tenantOf('acme'), tenantOf('other'), { ...tenantOf('acme'), generation: 1 }),
  atMs: fc.integer({ min: nowMs - 3 * hourMs, max: nowMs }),
  group: fc.constantFrom(...routeGroups),
  outcome: fc.constantFrom(...outcomes),
  latencyMs: fc.integer({ min: 0, max: 40_000 }),
});

describe('adding up', () => {
  it('does not depend on how requests are divided into deliveries, nor on their order', () => {
    fc.assert(
      fc.property(fc.array(someRequest), fc.nat(20), (requests, at) => {
        const parts = [requests.slice(at), requests.slice(0, at)].map((part) => sumLevels(addUp(part)));

        expect(parts.reduce(addLevels)).toEqual(sumLevels(addUp(requests)));
      }),
    );
  });

  it('has each request in one hour of its tenant, once as an outcome and once as a latency', () => {
    fc.assert(
      fc.property(fc.array(someRequest), (requests) => {
        const hours = addUp(requests);
        const total = hours.flatMap(({ levels }) => Object.values(levels)).reduce((sum, n) => sum + n, 0);

        expect(total).toBe(2 * requests.length);
        for (const { tenant, startMs, levels } of hours) {
          const own = requests.filter(
            (each) => each.tenant === tenant && floorTo(each.atMs, hourMs) === startMs,
          );
          expect(levels).toEqual(sumLevels(addUp(own)));
        }
      }),
    );
  });

  it('has so few counters that an hour stays below 2 KB, whatever is sent', () => {
    const all = routeGroups.flatMap((group) => [
      ...outcomes.map((outcome) => request({ group, outcome })),
      ...latencyBounds.map((latencyMs) => request({ group, latencyMs })),
    ]);

    expect(Object.keys(sumLevels(addUp(all)))).toHaveLength(95);
    expect(JSON.stringify(sumLevels(addUp(all))).length).toBeLessThan(2048);
  });
});

describe('an objective', () => {
  it('counts failures of ours, and not what the caller did', () => {
    const some = measured(
      ...many(1990),
      ...many(3, { outcome: 'throttled' }),
      ...many(3, { outcome: 'refused' }),
      ...many(2, { outcome: 'failed' }),
      ...many(2, { outcome: 'timed_out' }),
    );

    expect(attainment(some, 'ingest-availability')).toEqual({
      name: 'ingest-availability',
      target_percent: 99.9,
      total: 2000,
      bad: 4,
      actual_percent: 99.8,
      met: false,
      budget_left_percent: -100,
    });
  });

  it('of latency is exact at its limit, and no refusal is slow', () => {
    const some = measured(
      ...many(97, { latencyMs: 500 }),
      ...many(1, { latencyMs: 501 }),
      ...many(2, { outcome: 'throttled' }),
    );

    expect(attainment(some, 'ingest-latency')).toMatchObject({
      total: 100,
      bad: 1,
      met: true,
      budget_left_percent: 0,
    });
  });

  it('of reading counts all that is not ingest', () => {
    const some = measured(...routeGroups.flatMap((group) => many(2, { group, outcome: 'failed' })));

    expect(attainment(some, 'read-availability')).toMatchObject({ total: 8, bad: 8 });
  });

  it('of freshness counts records', () => {
    const some = { ...nothingMeasured, freshness: { records: 40, slow: 1 } };

    expect(attainment(some, 'freshness')).toMatchObject({
      actual_percent: 97.5,
      met: true,
      budget_left_percent: 50,
    });
  });

  it('without data is neither met nor missed', () => {
    for (const each of attainmentsOf(nothingMeasured))
      expect(each).toMatchObject({ total: 0, actual_percent: null, met: null, budget_left_percent: null });
  });
});

describe('percentiles', () => {
  it('are at least the true ones, and of the same step', () => {
    const latencies = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(latencies, (list) => {
        const { levels } = measured(...list.map((latencyMs) => request({ latencyMs })));
        const sorted = list.toSorted((one, other) => one - other);
        const stepOf = (share: number) => {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
          return latencyBounds.find((bound) => exact <= bound);
        };

        expect(percentilesOf(levels, 'ingest')).toEqual({
          p50_ms: stepOf(0.5),
          p95_ms: stepOf(0.95),
          p99_ms: stepOf(0.99),
        });
      }),
    );
  });

  it('are null without data', () => {
    expect(percentilesOf({}, 'ingest')).toEqual({ p50_ms: null, p95_ms: null, p99_ms: null });
  });
});

it('names what failed, the most frequent first, and what the gateway refused', () => {
  const { levels } = addMeasured(
    measured(...many(3, { outcome: 'throttled' }), ...many(9)),
    measured(...many(5, { group: 'search', outcome: 'failed' }), ...many(1, { outcome: 'denied' })),
  );

  expect(failureReasons(levels)).toEqual([
    { route_group: 'search', outcome: 'failed', count: 5 },
    { route_group: 'ingest', outcome: 'throttled', count: 3 },
    { route_group: 'ingest', outcome: 'denied', count: 1 },
  ]);
  expect(gatewayRefusals(levels)).toEqual({ throttled: 3, denied: 1 });
});

describe('the answer', () => {
  const at = (atMs: number, count: number) => addUp(many(count, { atMs }));

  it('has 7 and 30 days, and each day by itself', () => {
    const hours = [...at(nowMs, 1), ...at(nowMs - 3 * dayMs, 2), ...at(nowMs - 20 * dayMs, 4)];
    const { windows, daily } = sloAnswer(tenantOf('acme'), { hours, freshness: new Map() }, nowMs);

    expect(windows.map(({ days, objectives: [ingest] }) => [days, ingest?.total])).toEqual([
      [7, 3],
      [30, 7],
    ]);
    expect(daily).toHaveLength(30);
    const totals = daily.map(({ objectives: [ingest] }) => ingest?.total ?? 0);
    expect([totals.at(-1), totals.at(-4), totals.at(-21)]).toEqual([1, 2, 4]);
    expect(totals.filter((total) => total > 0)).toHaveLength(3);
  });
});
