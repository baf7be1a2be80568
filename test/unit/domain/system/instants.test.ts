import fc from 'fast-check';
import { expect, it } from 'vitest';
import { auditSortKey } from '../../../../domain/keys.ts';
import { parseDuration, parseInstant } from '../../../../domain/system/instants.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../../domain/system/time.ts';

const nowMs = Date.parse('2026-11-30T10:00:00Z');

it.each([
  ['90s', 90 * secondMs],
  [' 30m ', 30 * minuteMs],
  ['0h', 0],
  ['3650d', 3650 * dayMs],
  ['3651d', undefined],
  ['1.5h', undefined],
  ['-1h', undefined],
  ['1w', undefined],
  ['h', undefined],
  ['', undefined],
])('the duration %j is %s', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

it.each([
  ['now', nowMs],
  ['2h', nowMs - 2 * hourMs],
  ['2026-11-30T11:00:00+01:00', nowMs],
  ['2026-11-30t10:00:00.5z', nowMs + 500],
  ['2026-11-30', undefined],
  ['2026-11-30T10:00:00', undefined],
  ['2026-13-30T10:00:00Z', undefined],
  ['', undefined],
])('the time %j is %s', (text, expected) => {
  expect(parseInstant(text, nowMs)).toBe(expected);
});

it('any time that is read has a place among sort keys', () => {
  const texts = fc.oneof(
    fc.nat().map((days) => `${days}d`),
    fc
      .date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-31') })
      .map((date) => date.toISOString()),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(auditSortKey(parseInstant(text, nowMs) ?? Number.NaN)).toMatch(/^\d{13}#$/);
    }),
  );
});
