import { describe, expect, it } from 'vitest';
import { skewOf } from '../../../../lambdas/ingest/sent-at.ts';
import { nowMs } from '../../../support/events.ts';

const skew = (value?: string) =>
  skewOf({ headers: value === undefined ? {} : { 'X-Weir-Sent-At': value } }, nowMs);

describe('the clock of a client', () => {
  it.each([
    ['in milliseconds', String(nowMs - 60_000), 60_000],
    ['as text', new Date(nowMs + 60_000).toISOString(), -60_000],
    ['with spaces around', ` ${nowMs} `, 0],
  ])('is known %s', (_, value, expected) => {
    expect(skew(value)).toBe(expected);
  });

  it('is not known without the header', () => {
    expect(skew()).toBeUndefined();
  });

  it.each(['', 'now', '1.5', '-5', '2026-11-29T10:00:00'])('cannot be read from "%s"', (value) => {
    expect(() => skew(value)).toThrow('bad_request');
  });
});
