import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isShed,
  type Lag,
  nextLevel,
  type SheddingLevel,
  sheddingRules,
} from '../../../../domain/limits/shedding.ts';
import { hourMs, secondMs } from '../../../../domain/system/time.ts';

const nowMs = Date.UTC(2026, 10, 30);
const { knownForMs, seenForMs, levels } = sheddingRules;
const [{ enterMs, leaveMs }, second] = levels;

const lagsOf = (...agesMs: readonly number[]): Lag[] =>
  agesMs.map((ageMs, index) => ({ shard: `events/${index}`, ageMs, atMs: nowMs }));
const next = (level: SheddingLevel, ...agesMs: readonly number[]) =>
  nextLevel(level, lagsOf(...agesMs), nowMs);

const level = fc.constantFrom<SheddingLevel>(0, 1, 2);
const ageMs = fc.oneof(
  fc.integer({ min: 0, max: 2 * hourMs }),
  fc.constantFrom(...levels.flatMap(({ enterMs, leaveMs }) => [enterMs, leaveMs, enterMs - 1, leaveMs - 1])),
);
const lag = fc.record({
  ageMs,
  atMs: fc.integer({ min: nowMs - 2 * seenForMs, max: nowMs + secondMs }),
  account: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
});
const lags = fc
  .array(lag, { maxLength: 8 })
  .map((list) => list.map((each, index): Lag => ({ ...each, shard: `events/${index}` })));

describe('the level of load shedding', () => {
  it('follows the age, up and down', () => {
    expect(next(0, enterMs - 1)).toBe(0);
    expect(next(0, enterMs)).toBe(1);
    expect(next(1, second.enterMs)).toBe(2);
    expect(next(2, second.leaveMs)).toBe(2);
    expect(next(2, second.leaveMs - 1)).toBe(1);
    expect(next(1, leaveMs)).toBe(1);
    expect(next(1, leaveMs - 1)).toBe(0);
  });

  it('is entered at once where an instance begins', () => {
    expect(next(0, second.enterMs)).toBe(2);
  });

  it('stays while the age stays between the thresholds, and so does not flap', () => {
    const between = fc.integer({ min: leaveMs, max: enterMs - 1 });
    fc.assert(
      fc.property(fc.constantFrom<SheddingLevel>(0, 1), fc.array(between), (first, ages) => {
        expect(ages.reduce<SheddingLevel>((now, each) => next(now, each), first)).toBe(first);
      }),
    );
  });

  it('never falls when a shard gets older, or when it was higher before', () => {
    fc.assert(
      fc.property(lags, fc.nat(), level, level, fc.nat(hourMs), (list, which, one, other, moreMs) => {
        const older = list.map((each, index) =>
          index === which % list.length ? { ...each, ageMs: each.ageMs + moreMs } : each,
        );
        const [low, high] = one < other ? [one, other] : [other, one];
        expect(nextLevel(high, older, nowMs)).toBeGreaterThanOrEqual(nextLevel(low, list, nowMs));
      }),
    );
  });

  it('is 0 where nothing is known: what is old tells nothing', () => {
    const old = fc.array(lag.map((each) => ({ ...each, atMs: nowMs - knownForMs })));
    fc.assert(
      fc.property(old, level, (list, before) => {
        const ofShards = list.map((each, index): Lag => ({ ...each, ageMs: 2 * hourMs, shard: `${index}` }));
        expect(nextLevel(before, ofShards, nowMs)).toBe(0);
      }),
    );
  });

  it('is not raised by one account, on however many shards, until all others have waited for an hour', () => {
    const ofWhale = (...agesMs: number[]) => lagsOf(...agesMs).map((each) => ({ ...each, account: 'whale' }));
    const elsewhere: Lag = { shard: 'events/9', ageMs: 0, atMs: nowMs };

    const [, second] = sheddingRules.levels;
    const all = (ageMs: number) => ofWhale(ageMs, ageMs, ageMs, ageMs);
    expect(nextLevel(0, all(second.enterMs - 1), nowMs)).toBe(0);
    expect(nextLevel(0, all(second.enterMs), nowMs)).toBe(2);
    expect(nextLevel(2, all(second.leaveMs), nowMs)).toBe(2);
    expect(nextLevel(2, all(second.leaveMs - 1), nowMs)).toBe(0);
    expect(nextLevel(2, [...ofWhale(hourMs, hourMs, hourMs), elsewhere], nowMs)).toBe(0);
    // Others are behind as well.
    expect(nextLevel(0, [...ofWhale(hourMs), { ...elsewhere, ageMs: hourMs, account: 'b' }], nowMs)).toBe(2);
    expect(nextLevel(0, [...ofWhale(hourMs, 0), { ...elsewhere, ageMs: hourMs }], nowMs)).toBe(0);
  });

  it('is 0 if less than half of the shards tell', () => {
    const silent = (count: number) =>
      lagsOf(...Array(count).fill(0)).map((each) => ({ ...each, atMs: nowMs - knownForMs }));
    const behind = lagsOf(hourMs, hourMs);

    expect(nextLevel(0, [...behind, ...silent(2)], nowMs)).toBe(2);
    expect(nextLevel(0, [...behind, ...silent(3)], nowMs)).toBe(0);
    // They have no traffic any more.
    const gone = silent(3).map((each) => ({ ...each, atMs: nowMs - seenForMs }));
    expect(nextLevel(0, [...behind, ...gone], nowMs)).toBe(2);
  });

  it('is not raised by one shard of several', () => {
    const quiet = fc.nat(leaveMs - 1);
    fc.assert(
      fc.property(fc.array(quiet, { minLength: 1, maxLength: 8 }), ageMs, level, (others, age, before) => {
        expect(next(before, age, ...others)).toBe(0);
      }),
    );
  });

  it('is raised if all shards are behind, but for one', () => {
    expect(next(0, enterMs, enterMs, 0)).toBe(1);
  });
});

it('those who are shed last are shed at the second level', () => {
  const sheds = (tier: 'first' | 'last') => ([0, 1, 2] as const).map((each) => isShed(each, { shed: tier }));

  expect(sheds('first')).toEqual([false, true, true]);
  expect(sheds('last')).toEqual([false, false, true]);
});
