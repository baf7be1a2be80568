import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { burnRate, indicatorOf } from '../../../../domain/service-levels/indicators.ts';
import {
  errorBudget,
  floorOfBad,
  objectives,
  pairsOf,
} from '../../../../domain/service-levels/objectives.ts';

const measured = { stage: 'dev', api: { apiName: 'weir-dev', stageName: 'api' } };

describe('objectives', () => {
  it('have distinct names, and a budget unless nothing may be bad', () => {
    expect(new Set(objectives.map(({ name }) => name)).size).toBe(objectives.length);
    for (const { name, ...objective } of objectives)
      expect([name, errorBudget(objective) > 0]).toEqual([name, name !== 'no-loss']);
  });

  it.each(objectives)('$name has pairs that fit into its window, or a reason for none', (objective) => {
    const pairs = pairsOf(objective);

    expect(pairs.length > 0).toBe(objective.withoutPairs === undefined);
    for (const { longMinutes, shortMinutes } of pairs) {
      expect(longMinutes).toBeLessThanOrEqual(objective.windowHours * 60);
      expect(longMinutes).toBe(12 * shortMinutes);
    }
  });

  it('of a day have no pair over three days', () => {
    const ofADay = objectives.filter(({ windowHours }) => windowHours === 24);

    expect(ofADay.map((objective) => pairsOf(objective).map(({ name }) => name))).toEqual([
      ['60m', '6h', 'warning'],
    ]);
  });

  it.each(objectives)(
    '$name names only metrics that its expressions use, and the other way round',
    (objective) => {
      const { metrics, bad, total } = indicatorOf(objective, measured);
      const used = new Set(`${bad} ${total}`.match(/\b[a-z]\w*/g));

      expect([...used].toSorted()).toEqual(Object.keys(metrics).toSorted());
    },
  );
});

describe('a burn rate', () => {
  const burnOf = (bad: number, total: number, targetPercent: number, floor: number): number => {
    const expression = burnRate({ bad: `${bad}`, total: `${total}` }, { targetPercent }, floor);
    return new Function('IF', `return ${expression}`)((is: boolean, yes: number, no: number) =>
      is ? yes : no,
    );
  };
  const counts = fc.record({ bad: fc.nat(1000), good: fc.nat(100_000) });

  it('is the share of what is bad over the share that may be, from the floor on, and 0 below it', () => {
    fc.assert(
      fc.property(
        counts,
        fc.constantFrom(95, 99, 99.9),
        fc.constantFrom(...Object.values(floorOfBad)),
        (of, target, floor) => {
          const total = of.bad + of.good;
          const share = of.bad / total;
          expect(burnOf(of.bad, total, target, floor)).toBeCloseTo(
            of.bad < floor ? 0 : share / (1 - target / 100),
            6,
          );
        },
      ),
      { seed: 22 },
    );
  });

  it('of a quiet night with two slow requests of two is 0', () => {
    expect(burnOf(2, 2, 99.9, floorOfBad.short)).toBe(0);
    expect(burnOf(3, 3, 99.9, floorOfBad.short)).toBe(1000);
  });
});
