import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DayDocument, foldDay } from '../../../../domain/documents/day.ts';
import { deltasOf, insertDeltas } from '../../../../domain/documents/delta.ts';
import type { VersionedDocument } from '../../../../domain/documents/documents.ts';
import { emptyHour, type HourCounts } from '../../../../domain/documents/hour.ts';
import { hourToFields } from '../../../../domain/documents/hour-wire.ts';
import { emptyIntake } from '../../../../domain/documents/intake.ts';
import { MergedHours } from '../../../../domain/documents/merged-hours.ts';
import { otherName } from '../../../../domain/documents/names.ts';
import {
  type Bounds,
  boundsOf,
  daysToFold,
  daysWithin,
  endsOf,
  isWindow,
  summarise,
  uncoveredBounds,
  wholeDays,
} from '../../../../domain/reading/summary.ts';
import { createPause } from '../../../../domain/system/back-off.ts';
import { dayMs, floorTo, hourMs, iso, minuteMs } from '../../../../domain/system/time.ts';
import { TestClock } from '../../../support/clock.ts';
import { event, nowMs } from '../../../support/events.ts';
import { lane } from '../../../support/lanes.ts';

const { tenant } = lane;

it('a window has whole hours and ends with the current hour', () => {
  const { fromMs, toMs } = boundsOf('24h', nowMs);

  expect([iso(fromMs), iso(toMs)]).toEqual(['2026-11-20T11:00:00.000Z', '2026-11-21T11:00:00.000Z']);
});

it('a window on the full hour includes the hour that begins', () => {
  const onTheHour = Date.parse('2026-11-21T10:00:00.000Z');

  expect(iso(boundsOf('1h', onTheHour).toMs)).toBe('2026-11-21T11:00:00.000Z');
});

it.each(['2h', '', 'constructor', '__proto__'])('%j is no window', (name) => {
  expect(isWindow(name)).toBe(false);
});

const countsOf = (...documents: readonly Pick<VersionedDocument, 'fields'>[]): MergedHours => {
  const counts = new MergedHours();
  for (const { fields } of documents) counts.add(fields);
  return counts;
};

it('a summary merges lanes and lists the greatest first', () => {
  const hourWith = (...types: string[]): HourCounts => {
    const hour = emptyHour();
    insertDeltas(hour, deltasOf(types.map((type) => event({ type, service: 'web' }))).values());
    return hour;
  };
  const intake = { ...emptyIntake, received: 4, stored: 3, duplicates: 1 };
  const counts = countsOf(
    { fields: hourToFields(hourWith('a', 'b')) },
    { fields: hourToFields(hourWith('b')) },
  );
  const intakes = [intake, { ...emptyIntake, conflicts: 2 }];

  expect(summarise(tenant, boundsOf('1h', nowMs), { counts, intakes, asOfMs: nowMs - 9 })).toMatchObject({
    account_id: 'acme',
    total: 3,
    by_type: [
      { type: 'b', count: 2 },
      { type: 'a', count: 1 },
    ],
    by_service: [{ service: 'web', count: 3 }],
    duplicates: 1,
    conflicts: 2,
    as_of: iso(nowMs - 9),
  });
});

const hourOf = (userIds: readonly string[], hourMs = nowMs): VersionedDocument => {
  const hour = emptyHour();
  insertDeltas(hour, deltasOf(userIds.map((user_id) => event({ user_id }))).values());
  const key = { lane, kind: 'hour', hourMs } as const;
  return { key, version: 1, expiresAtMs: nowMs + 30 * dayMs, foldedTo: '', fields: hourToFields(hour) };
};
const summaryOf = (...hours: VersionedDocument[]) =>
  summarise(tenant, boundsOf('7d', nowMs), { counts: countsOf(...hours), intakes: [], asOfMs: nowMs });
const crowd = (count: number, prefix = 'u') =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);

it('users are exact if none was left out, however many are listed', () => {
  const summary = summaryOf(hourOf(crowd(150)), hourOf([...crowd(90), 'u00007', 'whale', 'whale', 'whale']));

  expect(summary).toMatchObject({
    top_users_exact: true,
    top_users_error: 0,
    distinct_users: 151,
    distinct_users_relative_error: 0,
  });
  expect(summary.top_users).toHaveLength(100);
  expect(summary.top_users.slice(0, 3)).toEqual([
    { user_id: 'u00007', count: 3 },
    { user_id: 'whale', count: 3 },
    { user_id: 'u00000', count: 2 },
  ]);
});

it('users past the capacity of an hour have errors, for top users and for distinct users', () => {
  const summary = summaryOf(hourOf([...crowd(4000), 'whale', 'whale', 'whale']), hourOf(crowd(10, 'v')));

  expect(summary).toMatchObject({
    top_users_exact: false,
    top_users_error: 1,
    distinct_users_relative_error: 0.01625,
  });
  expect(summary.top_users[0]).toEqual({ user_id: 'whale', count: 2 });
  expect(Number.isInteger(summary.distinct_users)).toBe(true);
  expect(Math.abs(summary.distinct_users / 4011 - 1)).toBeLessThan(4 * 0.01625);
});

it('no users are counted as exactly 0', () => {
  expect(summaryOf()).toMatchObject({ top_users: [], top_users_exact: true, distinct_users: 0 });
});

const today = Date.parse('2026-11-21T00:00:00.000Z');
const keyOf = (ago: number) => ({ tenant, dayMs: today - ago * dayMs });
const dayOf = (ago: number, ...hours: VersionedDocument[]): DayDocument =>
  foldDay(keyOf(ago), { mark: 0, slots: 1 }, [{ lane, to: '' }], hours, nowMs)?.day ??
  expect.fail('no hours');

it('a summary of days and hours equals the summary of the hours alone', () => {
  const early = [hourOf(['ann', 'bob'], today - dayMs), hourOf(['ann'], today - hourMs)];
  const late = hourOf(['eve'], today);
  const sources = { counts: countsOf(dayOf(1, ...early), late), intakes: [], asOfMs: nowMs };

  expect(summarise(tenant, boundsOf('7d', nowMs), sources)).toEqual(summaryOf(...early, late));
});

it.each([
  ['30d', '2026-10-23', '2026-11-21'],
  ['7d', '2026-11-15', '2026-11-21'],
] as const)('of the window %s the whole closed days are read from folds', (window, first, end) => {
  const days = wholeDays(boundsOf(window, nowMs), nowMs);

  expect([iso(days.fromMs), iso(days.toMs)]).toEqual([`${first}T00:00:00.000Z`, `${end}T00:00:00.000Z`]);
});

it('a window of 1 hour or 24 hours contains no whole closed day, whatever the time', () => {
  for (const window of ['1h', '24h'] as const)
    for (let atMs = today; atMs <= today + dayMs; atMs += 10 * minuteMs) {
      const days = wholeDays(boundsOf(window, atMs), atMs);
      expect(days.fromMs).toBe(days.toMs);
    }
});

it('the ends of a window and its whole days have each of its hours once, whatever the time', () => {
  for (const window of ['1h', '24h', '7d', '30d'] as const)
    for (let atMs = today; atMs <= today + dayMs; atMs += 30 * minuteMs) {
      const bounds = boundsOf(window, atMs);
      const whole = wholeDays(bounds, atMs);

      const parts = [...endsOf(bounds, whole), ...uncoveredBounds(whole, [])];

      const hours = parts.flatMap(({ fromMs, toMs }) =>
        Array.from({ length: (toMs - fromMs) / hourMs }, (_, index) => fromMs + index * hourMs),
      );
      expect(hours.toSorted((a, b) => a - b)).toEqual(
        Array.from(
          { length: (bounds.toMs - bounds.fromMs) / hourMs },
          (_, index) => bounds.fromMs + index * hourMs,
        ),
      );
      for (const { fromMs, toMs } of parts) expect(fromMs).toBeLessThan(toMs);
    }
});

it('the days within a window are those that have a part of it and can be folded', () => {
  const today = floorTo(nowMs, dayMs);
  const within = (fromMs: number, toMs: number) => {
    const days = daysWithin({ fromMs, toMs }, nowMs);
    return [(days.fromMs - today) / dayMs, (days.toMs - today) / dayMs];
  };

  expect(within(today - 36 * hourMs, today - 12 * hourMs)).toEqual([-2, 0]);
  expect(within(today - dayMs, today - dayMs + hourMs)).toEqual([-1, 0]);
  expect(within(today - hourMs, nowMs + hourMs)).toEqual([-1, 0]);
  expect(within(today, nowMs)).toEqual([0, 0]);
});

it('yesterday is read by the hour until it can be folded', () => {
  const endAt = (atMs: number) => iso(wholeDays(boundsOf('7d', atMs), atMs).toMs).slice(0, 10);

  expect([endAt(today + hourMs - 1), endAt(today + hourMs)]).toEqual(['2026-11-20', '2026-11-21']);
});

it('days and the uncovered bounds cover each hour of the window once', () => {
  const bounds = boundsOf('30d', nowMs);
  const hoursIn = ({ fromMs, toMs }: Bounds) =>
    Array.from({ length: (toMs - fromMs) / hourMs }, (_, index) => fromMs + index * hourMs);
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 29 })), (agos) => {
      const days = agos.map((ago) => dayOf(ago, hourOf(['ann'])));

      const gaps = uncoveredBounds(bounds, days);

      const ofDays = days.map(({ key }) => ({ fromMs: key.dayMs, toMs: key.dayMs + dayMs }));
      const hours = [...gaps, ...ofDays].flatMap(hoursIn);
      expect(hours.toSorted((a, b) => a - b)).toEqual(hoursIn(bounds));
      for (const gap of gaps) expect(gap.fromMs).toBeLessThan(gap.toMs);
    }),
  );
});

describe('days to fold', () => {
  const bounds = boundsOf('7d', nowMs);
  const of = (
    bytes: readonly (readonly [ago: number, bytes: number])[],
    most: { days: number; bytes: number },
  ) =>
    daysToFold(
      wholeDays(bounds, nowMs),
      new Map(bytes.map(([ago, own]) => [today - ago * dayMs, own])),
      most,
    ).map((start) => (today - start) / dayMs);
  const many = { days: 9, bytes: 100 };

  it('are whole, foldable, read by the hour, and latest first', () => {
    expect(
      of(
        [
          [0, 1],
          [2, 1],
          [1, 1],
          [7, 1],
        ],
        many,
      ),
    ).toEqual([1, 2]);
  });

  it('are as many as are within the bounds, and one even if it is larger', () => {
    const bytes = [1, 2, 3, 4].map((ago) => [ago, 40] as const);

    expect(of(bytes, many)).toEqual([1, 2]);
    expect(of(bytes, { ...many, days: 1 })).toEqual([1]);
    expect(of(bytes, { ...many, bytes: 0 })).toEqual([1]);
    expect(of([], many)).toEqual([]);
  });
});

describe('the names of a summary', () => {
  const named = (counts: ReadonlyMap<string, number>) => {
    const names = () => new Map([...counts].map(([name, count]) => [name, { count }]));
    const hour = { ...emptyHour(), byType: names(), byService: names() };
    const { by_type, by_service } = summaryOf({ ...hourOf([]), fields: hourToFields(hour) });
    expect(by_service.map(({ service, count }) => ({ type: service, count }))).toEqual(by_type);
    return by_type;
  };
  const numbered = (size: number, countOf: (index: number) => number) =>
    crowd(size).map((name, index): [string, number] => [name, countOf(index)]);

  it('are the greatest 1,000 and (other), whatever they are, and add up to what was counted', () => {
    const sumOf = (counts: Iterable<number>) => [...counts].reduce((sum, count) => sum + count, 0);
    const anyCounts = fc.tuple(
      fc.integer({ min: 990, max: 2_200 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.option(fc.integer({ min: 1, max: 5_000 })),
    );
    fc.assert(
      fc.property(anyCounts, ([size, seed, other]) => {
        const counts = new Map(numbered(size, (index) => 1 + ((index * seed) % 997)));
        if (other !== null) counts.set(otherName, other);

        const list = named(counts);

        const listed = list.filter(({ type }) => type !== otherName);
        const least = Math.min(...listed.map(({ count }) => count));
        const told = new Set(listed.map(({ type }) => type));
        expect(sumOf(list.map(({ count }) => count))).toBe(sumOf(counts.values()));
        expect(told.size).toBe(Math.min(size, 1_000));
        expect(list.length - told.size).toBe(size > 1_000 || other !== null ? 1 : 0);
        expect(list.map(({ count }) => count)).toEqual(
          list.map(({ count }) => count).toSorted((a, b) => b - a),
        );
        for (const { type, count } of listed) expect(count).toBe(counts.get(type));
        for (const [name, count] of counts)
          if (name !== otherName && !told.has(name)) expect(count).toBeLessThanOrEqual(least);
      }),
    );
  });

  it('sort (other) by its count, which includes what was (other) in the hours', () => {
    const counts = numbered(1_003, (index) => 2_000 - index);

    const list = named(new Map([...counts, [otherName, 1]]));

    expect(list).toHaveLength(1_001);
    expect(list.slice(0, 2)).toEqual([
      { type: otherName, count: 1_000 + 999 + 998 + 1 },
      { type: 'u00000', count: 2_000 },
    ]);
    expect(list.at(-1)).toEqual({ type: 'u00999', count: 1_001 });
  });

  it('are all listed if there are at most 1,000 beside (other)', () => {
    const counts = numbered(1_000, () => 2);

    expect(named(new Map(counts))).toEqual(counts.map(([type, count]) => ({ type, count })));
    expect(named(new Map([...counts, [otherName, 1]])).at(-1)).toEqual({ type: otherName, count: 1 });
  });
});

it('pauses double, stay under their cap and never fall under half', async () => {
  const clock = new TestClock();
  const pause = createPause(clock, () => 0.5, { firstMs: 100, maxMs: 500 });

  for (let attempt = 0; attempt < 5; attempt += 1) await pause(attempt);

  expect(clock.slept).toEqual([75, 150, 300, 375, 375]);
});
