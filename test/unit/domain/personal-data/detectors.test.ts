import { expect, it } from 'vitest';
import { everyDetector, findsAnyInNumber } from '../../../../domain/personal-data/detectors.ts';

it.each([
  ['a card number', 4111111111111111, true],
  ['one below zero', -4111111111111111, true],
  ['one with more digits than a number keeps exactly', 6221260000001024000, true],
  ['a time in milliseconds', 1763720700000, false],
  ['a time in microseconds', 1763720700000000, false],
  ['a fraction', 4111111111111.111, false],
  ['a small number', 42, false],
  ['infinity', Number.POSITIVE_INFINITY, false],
])('finds in %s, %d, a card number: %s', (_, value, found) => {
  expect(findsAnyInNumber(value, everyDetector)).toBe(found);
});
