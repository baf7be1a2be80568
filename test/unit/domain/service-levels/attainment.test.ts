import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attainmentOf,
  budgetLeftPercent,
  countsIn,
  isMissed,
} from '../../../../domain/service-levels/attainment.ts';
import type { Objective } from '../../../../domain/service-levels/objectives.ts';

const availability: Objective = {
  name: 'ingest-availability',
  title: 'Ingest availability',
  targetPercent: 99.9,
  windowHours: 720,
  indicator: { kind: 'answers', of: 'ingest' },
};
const noLoss: Objective = { ...availability, targetPercent: 100, indicator: { kind: 'ledger' } };

describe('attainment', () => {
  it('without data is neither met nor missed', () => {
    expect(attainmentOf(availability, { total: 0, bad: 0 })).toBeUndefined();
  });

  it.each([
    [2_900_000, 2900, true, 100],
    [2_900_000, 3021, false, 104],
    [1000, 1, true, 100],
    [999, 1, false, 100],
    [3000, 0, true, 0],
  ])('of %d with %d bad: met %s, with %d %% of the budget used', (total, bad, isMet, used) => {
    const attainment = attainmentOf(availability, { total, bad });

    expect(attainment?.isMet).toBe(isMet);
    expect(Math.round(attainment?.usedPercent ?? -1)).toBe(used);
  });

  it.each([
    ['one slow answer of twenty', availability, 20, 1, false],
    ['nine of a hundred', availability, 100, 9, false],
    ['ten of a hundred', availability, 100, 10, true],
    ['ten of a million', availability, 1_000_000, 10, false],
    ['one lost event', noLoss, 1_000_000, 1, true],
    ['nothing bad', noLoss, 20, 0, false],
  ])('%s wakes somebody: %#', (_what, objective, total, bad, wakes) => {
    const attainment = attainmentOf(objective, { total, bad });

    expect(attainment && isMissed(attainment)).toBe(wakes);
  });

  it('of a promise without a budget is missed by the first bad one, and the metric stays finite', () => {
    const attainment = attainmentOf(noLoss, { total: 1000, bad: 1 });

    expect(attainment).toMatchObject({ isMet: false, usedPercent: Number.POSITIVE_INFINITY });
    expect(attainment && budgetLeftPercent(attainment)).toBe(-1000);
    expect(attainmentOf(noLoss, { total: 1000, bad: 0 })).toMatchObject({ isMet: true, usedPercent: 0 });
  });

  it('is met exactly as long as the budget is not overdrawn', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 1e7 }), (total, bad) => {
        const attainment = attainmentOf(availability, { total, bad: Math.min(bad, total) });
        expect(attainment?.isMet).toBe(Math.min(bad, total) * 1000 <= total);
      }),
      { seed: 22 },
    );
  });
});

describe('counts', () => {
  const counted = {
    total: new Map([
      [0, 100],
      [1, 100],
      [2, 100],
    ]),
    bad: new Map([
      [0, 5],
      [1, 3],
      [2, 90],
    ]),
  };

  it('are of the hours of the range, its end left out', () => {
    expect(countsIn(availability, counted, { fromMs: 0, toMs: 2 })).toEqual({ total: 200, bad: 8 });
  });

  it('of the ledger are the most that was missing at once: it speaks of a missing event in many hours', () => {
    expect(countsIn(noLoss, counted, { fromMs: 0, toMs: 2 })).toEqual({ total: 200, bad: 5 });
  });

  it('never have more bad ones than all', () => {
    const impossible = { total: new Map([[0, 1]]), bad: new Map([[0, 7]]) };

    expect(countsIn(availability, impossible, { fromMs: 0, toMs: 1 })).toEqual({ total: 1, bad: 1 });
  });
});
