import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  foldableUntilMs,
  foldDay,
  hoursOfDay,
  isCurrent,
  isFolded,
} from '../../../../domain/documents/day.ts';
import { deltasOf, insertDeltas } from '../../../../domain/documents/delta.ts';
import { documentName, fieldBytes, type VersionedDocument } from '../../../../domain/documents/documents.ts';
import { emptyHour, hourFromFields, hourToFields, mergeHours } from '../../../../domain/documents/hour.ts';
import { noMinutes } from '../../../../domain/documents/minutes.ts';
import { maxDocumentBytes } from '../../../../domain/documents/size-limits.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { oldestMs } from '../../../../domain/event/time-bounds.ts';
import { marksOf } from '../../../../domain/storing/counting.ts';
import { guardsExpireAtMs } from '../../../../domain/storing/record-outcome.ts';
import { dayMs, floorTo, hourMs, iso } from '../../../../domain/system/time.ts';
import { seededRandom } from '../../../support/clock.ts';
import { anyEvents, event, events, fresh, nowMs } from '../../../support/events.ts';

const tenant = { account: 'acme', environment: 'production', generation: 0 };
const key = { tenant, dayMs: floorTo(nowMs, dayMs) - dayMs };
const state = { mark: 3, slots: 1 };

const hourOf = (list: readonly AcceptedEvent[], index: number, expiresAtMs = nowMs + 30 * dayMs) => {
  const counts = emptyHour();
  insertDeltas(counts, deltasOf(list).values());
  const at = { tenant, slot: 0, kind: 'hour', hourMs: key.dayMs + index * hourMs } as const;
  return { key: at, version: 1, expiresAtMs, fields: hourToFields(counts) } satisfies VersionedDocument;
};
const mergedOf = (hours: readonly VersionedDocument[]) => ({
  ...mergeHours(hours.map(({ fields }) => hourFromFields(fields))),
  minutes: noMinutes(),
});
const fold = (...hours: VersionedDocument[]) => {
  const day = foldDay(key, state, hours, nowMs);
  return day && isFolded(day) ? day : expect.fail('it was not folded');
};

describe('a fold of a day', () => {
  it('is the merge of its hours without their minutes, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(anyEvents(40), { minLength: 1, maxLength: 6 }), (lists) => {
        const hours = lists.map((list, index) => hourOf(list, index));
        const merged = mergedOf(hours);

        expect(hourFromFields(fold(...hours).fields)).toEqual(merged);
        expect(hourFromFields(fold(...hours.toReversed()).fields)).toEqual(merged);
        expect(fold(...hours)).toMatchObject({ key, state });
      }),
    );
  });

  it('expires with the last of its hours, and after 7 days at the latest', () => {
    const soon = hourOf(events(1), 0, nowMs + dayMs);

    expect(fold(soon, hourOf(events(1), 1, nowMs + 2 * dayMs)).expiresAtMs).toBe(nowMs + 2 * dayMs);
    expect(fold(soon, hourOf(events(1), 1)).expiresAtMs).toBe(nowMs + 7 * dayMs);
  });

  it('is undefined if there are no hours', () => {
    expect(foldDay(key, state, [], nowMs)).toBeUndefined();
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

  it('has no fields if the names alone are too large, and expires as it would with them', () => {
    const hours = Array.from({ length: 24 }, (_, index) =>
      hourOf(
        Array.from({ length: 250 }, () => event({ type: text(40), service: text(40) })),
        index,
      ),
    );

    const day = foldDay(key, state, hours, nowMs) ?? expect.fail('it would be tried again');

    expect(day).toEqual({ key, state, expiresAtMs: nowMs + 7 * dayMs, fields: undefined });
    expect(isFolded(day)).toBe(false);
    expect(isCurrent(day, state, nowMs)).toBe(true);
    expect(isCurrent(day, { ...state, mark: state.mark + 1 }, nowMs)).toBe(false);
  });

  it('is current while its mark holds, for at most as many slots, until it expires', () => {
    const day = fold(hourOf(events(1), 0));
    const at = (mark: number, slots: number, atMs = nowMs) => isCurrent(day, { mark, slots }, atMs);

    expect(at(3, 1)).toBe(true);
    expect([at(2, 1), at(4, 1), at(0, 1)]).toEqual([false, false, false]);
    expect([at(3, 0), at(3, 2)]).toEqual([true, false]);
    expect([at(3, 1, day.expiresAtMs - 1), at(3, 1, day.expiresAtMs)]).toEqual([true, false]);
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
  const header = {
    tenant,
    batchId: 'b',
    part: 0,
    parts: 1,
    slot: 0,
    late: false,
    kind: 'events',
    layout: 1,
    events: 1,
    region: 'r',
    requestId: 'r',
  } as const;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 0, max: oldestMs }),
      (retentionDays, age) => {
        const receivedAtMs = key.dayMs + dayMs + age;
        const list = [event({ timestamp: Math.max(key.dayMs, receivedAtMs - oldestMs) })];
        const outcome = { ...fresh(list), duplicates: 0, conflicts: 0, bytes: 1 };

        const [mark] = marksOf(
          [{ ...outcome, header: { ...header, receivedAtMs, retentionDays } }],
          receivedAtMs,
        );

        const lastReceivedAtMs = key.dayMs + dayMs + oldestMs;
        const lastCountedAtMs = guardsExpireAtMs({
          ...header,
          retentionDays,
          receivedAtMs: lastReceivedAtMs,
        });
        const foldLifeMs = fold(hourOf(events(1), 0)).expiresAtMs - nowMs;
        expect(mark?.expiresAtMs).toBeGreaterThanOrEqual(lastCountedAtMs + foldLifeMs);
      },
    ),
  );
});

it('a day has 24 hours in each slot, each once', () => {
  const hours = hoursOfDay(key, 3);

  expect(new Set(hours.map(documentName)).size).toBe(72);
  expect(Math.min(...hours.map((hour) => hour.hourMs))).toBe(key.dayMs);
  expect(Math.max(...hours.map((hour) => hour.hourMs))).toBe(key.dayMs + 23 * hourMs);
  expect(new Set(hours.map(({ slot }) => slot))).toEqual(new Set([0, 1, 2]));
});
