import { expect, it } from 'vitest';
import { dueReports } from '../../../../domain/service-levels/report-periods.ts';

const at = (text: string) => Date.parse(`${text}:00Z`);
const names = (from: string, to: string) => dueReports(at(from), at(to)).map(({ name }) => name);

it('a week is due once, at the first review of Monday', () => {
  expect(names('2026-11-29T23:05', '2026-11-30T00:05')).toEqual(['reports/weekly/2026-11-23']);
  expect(names('2026-11-30T00:05', '2026-11-30T01:05')).toEqual([]);
});

it('a month is due on the 1st, and both where a month begins on a Monday', () => {
  expect(names('2026-11-30T23:05', '2026-12-01T00:05')).toEqual(['reports/monthly/2026-11']);
  expect(names('2027-01-31T23:05', '2027-02-01T00:05')).toEqual([
    'reports/weekly/2027-01-25',
    'reports/monthly/2027-01',
  ]);
});

it('a review that was missed is made up for, and the first one of a stage owes nothing', () => {
  expect(names('2026-11-28T10:05', '2026-11-30T09:05')).toEqual(['reports/weekly/2026-11-23']);
  expect(dueReports(undefined, at('2026-11-30T00:05'))).toEqual([]);
});

it('covers the whole time, from midnight to midnight UTC', () => {
  const [weekly] = dueReports(at('2026-11-29T23:05'), at('2026-11-30T00:05'));

  expect(weekly?.range).toEqual({ fromMs: at('2026-11-23T00:00'), toMs: at('2026-11-30T00:00') });
});
