import fc from 'fast-check';
import { expect, it } from 'vitest';
import { daysIn, timeZoneOf } from '../../../../domain/reading/local-days.ts';
import { dayMs, floorTo, hourMs, iso, minuteMs } from '../../../../domain/system/time.ts';

const zoneOf = (name: string) => timeZoneOf(name) ?? expect.fail(`no zone ${name}`);
const foundIn = (name: string, fromMs: number, toMs: number) =>
  daysIn(zoneOf(name), { fromMs, toMs }) ?? expect.fail(`days of ${name} begin between quarter hours`);
const daysOf = (name: string, from: string, to: string) => {
  const { starts, toMs } = foundIn(name, Date.parse(from), Date.parse(to));
  return [...starts, toMs].map((instantMs) => iso(instantMs).slice(0, 16));
};

it.each([
  ['UTC', '2026-03-01T00:00Z', '2026-03-02T00:00Z', ['2026-03-01T00:00', '2026-03-02T00:00']],
  [
    'UTC',
    '2026-03-01T23:59Z',
    '2026-03-02T00:01Z',
    ['2026-03-01T00:00', '2026-03-02T00:00', '2026-03-03T00:00'],
  ],
  // A day of 23 hours, and one of 25.
  ['Europe/Berlin', '2026-03-29T12:00Z', '2026-03-29T13:00Z', ['2026-03-28T23:00', '2026-03-29T22:00']],
  ['Europe/Berlin', '2026-10-25T12:00Z', '2026-10-25T13:00Z', ['2026-10-24T22:00', '2026-10-25T23:00']],
  // Clocks change at midnight: the day begins at 01:00.
  ['Africa/Cairo', '2026-04-24T12:00Z', '2026-04-24T13:00Z', ['2026-04-23T22:00', '2026-04-24T21:00']],
  ['Asia/Kolkata', '2026-03-01T12:00Z', '2026-03-01T13:00Z', ['2026-02-28T18:30', '2026-03-01T18:30']],
  ['Asia/Kathmandu', '2026-03-01T12:00Z', '2026-03-01T13:00Z', ['2026-02-28T18:15', '2026-03-01T18:15']],
])('in %s, %s to %s has parts of the days that begin at %j', (name, from, to, expected) => {
  expect(daysOf(name, from, to)).toEqual(expected);
});

it('each minute between two starts has one date, and the next day has another', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Africa/Cairo',
    'America/Santiago',
    'Australia/Lord_Howe',
  ];
  const year = Date.parse('2026-01-01T00:00:00Z');
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 365 * 24 * 60 }),
      fc.integer({ min: 1, max: 3 * 24 * 60 }),
      (name, startMinute, minutes) => {
        const zone = zoneOf(name);
        const fromMs = year + startMinute * minuteMs;
        const { starts, toMs } = foundIn(name, fromMs, fromMs + minutes * minuteMs);

        const ends = [...starts.slice(1), toMs];
        expect(starts[0]).toBeLessThanOrEqual(fromMs);
        expect(ends[0]).toBeGreaterThan(fromMs);
        expect(toMs).toBeGreaterThanOrEqual(fromMs + minutes * minuteMs);
        expect(starts.at(-1)).toBeLessThan(fromMs + minutes * minuteMs);
        for (const [day, start] of starts.entries()) {
          const endMs = ends[day] ?? 0;
          for (let at = start; at < endMs; at += 15 * minuteMs)
            expect(zone.dateAt(at)).toBe(zone.dateAt(start));
          expect(zone.dateAt(endMs)).not.toBe(zone.dateAt(start));
          expect(zone.dateAt(start - minuteMs)).not.toBe(zone.dateAt(start));
          expect(endMs - start).toBeGreaterThanOrEqual(dayMs - hourMs);
        }
        expect(floorTo(toMs, 15 * minuteMs)).toBe(toMs);
      },
    ),
    { numRuns: 60 },
  );
});

it('has days of an offset of a quarter hour, and of no other', () => {
  const bounds = { fromMs: Date.parse('2026-03-01T12:00Z'), toMs: Date.parse('2026-03-02T12:00Z') };
  const offsets = fc.oneof(
    fc.integer({ min: -23 * 60, max: 23 * 60 }),
    fc.integer({ min: -23 * 4, max: 23 * 4 }).map((quarters) => quarters * 15),
  );
  fc.assert(
    fc.property(offsets, (offset) => {
      const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
      const digits = [hours, minutes].map((part) => String(part).padStart(2, '0'));
      const found = daysIn(zoneOf(`${offset < 0 ? '-' : '+'}${digits.join(':')}`), bounds);
      const localMidnights = found?.starts.map((start) => (start + offset * minuteMs) % dayMs);
      const isOfQuarters = offset % 15 === 0;
      expect(new Set(localMidnights)).toEqual(new Set(isOfQuarters ? [0] : []));
      expect(found !== undefined).toBe(isOfQuarters);
    }),
    { numRuns: 60 },
  );
});

it('has the days of a zone by its offset at their beginnings', () => {
  // Until 1972, the clocks of Liberia were 44 minutes and 30 seconds behind UTC.
  const at = (date: string) => ({ fromMs: Date.parse(date), toMs: Date.parse(date) + dayMs });
  expect(daysIn(zoneOf('Africa/Monrovia'), at('1971-06-01T12:00Z'))).toBeUndefined();
  expect(daysIn(zoneOf('Africa/Monrovia'), at('2026-06-01T12:00Z'))).toBeDefined();
});

it.each(['Mars/Olympus', '', 'Europe', '__proto__'])('%j is no zone', (name) => {
  expect(timeZoneOf(name)).toBeUndefined();
});
