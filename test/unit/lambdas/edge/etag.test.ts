import { expect, it } from 'vitest';
import { isKnownBy } from '../../../../lambdas/edge/etag.ts';

const isKnown = (sent: string | undefined, etag = '"abc"') =>
  isKnownBy({ headers: sent === undefined ? {} : { 'If-None-Match': sent }, multiValueHeaders: {} }, etag);

it.each(['"abc"', 'W/"abc"', '"other", "abc"', '"other",W/"abc"', '*', ' "abc" '])(
  'who sends %s has the answer',
  (sent) => {
    expect(isKnown(sent)).toBe(true);
    expect(isKnown(sent, 'W/"abc"')).toBe(true);
  },
);

it.each([undefined, '', 'abc', '"ab"', '"other", "another"'])('who sends %s has not', (sent) => {
  expect(isKnown(sent)).toBe(false);
});
