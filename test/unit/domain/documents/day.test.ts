import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { additionOf, countInto, marksOf } from '../../../../domain/counting/additions.ts';
import { guardMs } from '../../../../domain/counting/receipt.ts';
import { asStored, foldableUntilMs, foldDay, hoursOfDay } from '../../../../domain/documents/day.ts';
import { hoursOfFields } from '../../../../domain/documents/day-hours.ts';
import { deltasOf, deltasToBytes, insertDeltas } from '../../../../domain/documents/delta.ts';
import { documentName, fieldBytes, type VersionedDocument } from '../../../../domain/documents/documents.ts';
import { emptyHour } from '../../../../domain/documents/hour.ts';
import { hourFromFields, hourToFields } from '../../../../domain/documents/hour-wire.ts';
import { noMinutes } from '../../../../domain/documents/minutes.ts';
import { otherName } from '../../../../domain/documents/names.ts';
import { maxDocumentBytes } from '../../../../domain/documents/size-limits.ts';
import { addStats, noStats, type Stats } from '../../../../domain/documents/stats.ts';
import { noTopUsers } from '../../../../domain/documents/top-users.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { oldestMs } from '../../../../domain/event/time-bounds.ts';
import { dayMs, floorTo, hourMs, iso } from '../../../../domain/system/time.ts';
import { seededRandom } from '../../../support/clock.ts';
import { anyEvents, event, events, nowMs } from '../../../support/events.ts';
import { lane, laneReceipt, lateLane } from '../../../support/lanes.ts';
import { mergeHours } from '../../../support/merge-hours.ts';

const { tenant } = lane;
const key = { tenant, dayMs: floorTo(nowMs, dayMs) - dayMs };
const state = { mark: 3, slots: 1 };
const foldedTo = [
  { lane, to: '2#b.0' },
  { lane: lateLane, to: '' },
];

const hourOf = (list: readonly AcceptedEvent[], index: number, expiresAtMs = nowMs + 30 * dayMs) => {
  const counts = emptyHour();
  insertDeltas(counts, deltasOf(list).values());
  const at = { lane, kind: 'hour', hourMs: key.dayMs + index * hourMs } as const;
  return {
    ...{ key: at, version: 1, expiresAtMs, foldedTo: '' },
    fields: hourToFields(counts),
  } satisfies VersionedDocument;
};
const mergedOf = (hours: readonly VersionedDocument[]) => ({
  ...mergeHours(hours.map(({ fields }) => hourFromFields(fields))),
  minutes: noMinutes(),
});
const fold = (...hours: VersionedDocument[]) => {
  const day = foldDay(key, state, foldedTo, hours, nowMs)?.day;
  return day ?? expect.fail('it was not folded');
};

describe('a fold of a day', () => {
  it('is the merge of its hours without their minutes, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(anyEvents(40), { minLength: 1, maxLength: 6 }), (lists) => {
        const hours = lists.map((list, index) => hourOf(list, index));
        const merged = mergedOf(hours);

        expect(hourFromFields(fold(...hours).fields)).toEqual(merged);
        expect(hourFromFields(fold(...hours.toReversed()).fields)).toEqual(merged);
        expect(fold(...hours)).toMatchObject({ key, state, foldedTo: ['2#b.0', ''] });
      }),
    );
  });

  it('has its hours too, of the same state, without users', () => {
    const [first, second] = [hourOf(events(2), 3), hourOf([event({ user_id: 'ada' })], 5)];

    const { day, hours } =
      foldDay(key, state, foldedTo, [first, second], nowMs) ?? expect.fail('it was not folded');

    const { fields, ...others } = hours;
    expect(others).toEqual({ ...day, kind: 'hours', fields: undefined });
    expect(
      hoursOfFields(fields).map(([hour, { total, otherUsers }]) => [hour, total, otherUsers.counts]),
    ).toEqual([
      [3, 2, []],
      [5, 1, []],
    ]);
  });

  it('expires with the last of its hours, and after 35 days at the latest', () => {
    const soon = hourOf(events(1), 0, nowMs + dayMs);

    expect(fold(soon, hourOf(events(1), 1, nowMs + 2 * dayMs)).expiresAtMs).toBe(nowMs + 2 * dayMs);
    expect(fold(soon, hourOf(events(1), 1, nowMs + 60 * dayMs)).expiresAtMs).toBe(nowMs + 35 * dayMs);
  });

  it('is undefined if there are no hours', () => {
    expect(foldDay(key, state, foldedTo, [], nowMs)).toBeUndefined();
  });

  it('is refused while an hour is ahead of the last folded run of its lane: other hours may not have it yet', () => {
    const at = (to: string, own = lane): VersionedDocument => {
      const hour = hourOf(events(1), 0);
      return { ...hour, key: { ...hour.key, lane: own }, foldedTo: to };
    };
    const isFoldedWith = (...hours: VersionedDocument[]) =>
      foldDay(key, state, foldedTo, hours, nowMs) !== undefined;

    expect(isFoldedWith(at('2#b.0'), at('1#a.0'))).toBe(true);
    expect(isFoldedWith(at('1#a.0'), at('2#c.0'))).toBe(false);
    expect(isFoldedWith(at('2#b.0'), at('1#a.0', lateLane))).toBe(false);
    expect(isFoldedWith(at('', { ...lane, slot: 1 }))).toBe(true);
    expect(isFoldedWith(at('1#a.0', { ...lane, slot: 1 }))).toBe(false);
  });

  const random = seededRandom(9);
  const text = (bytes: number) => Buffer.from(random.bytes(bytes)).toString('base64url');

  it('drops top users, never names or totals, if it would be too large, and states the error', () => {
    const hours = Array.from({ length: 24 }, (_, index) =>
      hourOf(
        Array.from({ length: 303 }, (_user, number) =>
          event({ type: 'order', user_id: number < 3 ? `busy-${index % 2}` : text(24) }),
        ),
        index,
      ),
    );
    const exact = mergedOf(hours);

    const day = fold(...hours);

    expect(fieldBytes(hourToFields(exact))).toBeGreaterThan(maxDocumentBytes);
    expect(fieldBytes(day.fields)).toBeLessThanOrEqual(maxDocumentBytes);
    const counts = hourFromFields(day.fields);
    expect({ ...counts, topUsers: null }).toEqual({ ...exact, topUsers: null });
    expect(counts.topUsers).toEqual({
      counts: new Map([
        ['busy-0', 35],
        ['busy-1', 35],
      ]),
      error: 1,
    });
  });

  it('adds the least frequent names to (other) if the names alone are too large, and keeps all sums', () => {
    const hours = Array.from({ length: 24 }, (_, index) =>
      hourOf(
        Array.from({ length: 250 }, (_event, number) => {
          const often = number % 5 === 0;
          const value = number % 3 === 0 ? number / 7 : undefined;
          return event({
            type: often ? 'often' : text(40),
            service: text(40),
            user_id: `u${number % 50}`,
            ...(value !== undefined && { value: Math.round(value * 1e6) / 1e6 }),
          });
        }),
        index,
      ),
    );
    const exact = mergedOf(hours);
    const sum = (names: ReadonlyMap<string, Stats>) => [...names.values()].reduce(addStats, noStats);

    const day = fold(...hours);

    const { byType, byService, ...others } = hourFromFields(day.fields);
    const { byType: types, byService: services, ...exactOthers } = exact;
    expect(fieldBytes(hourToFields({ ...exact, topUsers: noTopUsers }))).toBeGreaterThan(maxDocumentBytes);
    expect(fieldBytes(day.fields)).toBeLessThanOrEqual(maxDocumentBytes);
    expect(others).toEqual(exactOthers);
    expect([sum(byType), sum(byService)]).toEqual([sum(types), sum(services)]);
    expect(byType.get('often')).toEqual(types.get('often'));
    for (const [name, stats] of byService) if (name !== otherName) expect(stats).toEqual(services.get(name));
    for (const names of [byType, byService]) {
      expect(names.size).toBeGreaterThan(100);
      expect(names.get(otherName)?.count).toBeGreaterThan(1000);
    }
    expect(day.hourBytes).toBe(hours.reduce((bytes, { fields }) => bytes + fieldBytes(fields), 0));
  });

  it('is current while its mark holds, and stored for at most as many slots, until it expires', () => {
    const day = fold(hourOf(events(1), 0));
    const at = (mark: number, slots: number, atMs = nowMs) => asStored(day, { mark, slots }, atMs)?.isCurrent;

    expect(at(3, 1)).toBe(true);
    expect([at(2, 1), at(4, 1), at(0, 1)]).toEqual([false, false, false]);
    expect([at(3, 0), at(3, 2)]).toEqual([true, undefined]);
    expect([at(3, 1, day.expiresAtMs - 1), at(3, 1, day.expiresAtMs)]).toEqual([true, undefined]);
  });
});

it('a day can be folded an hour after it closed, when nothing is counted into it without a mark any more', () => {
  const at = (time: string) => iso(foldableUntilMs(Date.parse(`2026-11-21T${time}Z`))).slice(0, 10);

  expect([at('00:59:59.999'), at('01:00:00.000'), at('23:59:59.999')]).toEqual([
    '2026-11-20',
    '2026-11-21',
    '2026-11-21',
  ]);
});

it('a mark outlives everything that can be counted into its day, and every fold made before it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 0, max: oldestMs }),
      (retentionDays, age) => {
        const receivedAtMs = key.dayMs + dayMs + age;
        const list = [event({ timestamp: Math.max(key.dayMs, receivedAtMs - oldestMs) })];
        const guardsExpireAfterMs = retentionDays * dayMs + guardMs;
        const receipt = laneReceipt('a', {
          ...{ receivedAtMs, delta: deltasToBytes(deltasOf(list)) },
          expiresAtMs: receivedAtMs + guardsExpireAfterMs,
        });
        const additions = [additionOf(receipt)];

        const [mark] = marksOf(countInto(additions, []), additions, receivedAtMs);

        const lastReceivedAtMs = key.dayMs + dayMs + oldestMs;
        const foldLifeMs = fold(hourOf(events(1), 0, nowMs + 400 * dayMs)).expiresAtMs - nowMs;
        expect(mark?.expiresAtMs).toBeGreaterThanOrEqual(lastReceivedAtMs + guardsExpireAfterMs + foldLifeMs);
      },
    ),
  );
});

it('a day has 24 hours in each lane of each slot, each once', () => {
  const hours = hoursOfDay(key, 3);

  expect(new Set(hours.map(documentName)).size).toBe(144);
  expect(Math.min(...hours.map((hour) => hour.hourMs))).toBe(key.dayMs);
  expect(Math.max(...hours.map((hour) => hour.hourMs))).toBe(key.dayMs + 23 * hourMs);
  expect(new Set(hours.map((hour) => hour.lane.slot))).toEqual(new Set([0, 1, 2]));
});
