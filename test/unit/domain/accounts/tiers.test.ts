import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestRetentionDays, shortestRetentionDays } from '../../../../domain/accounts/retention.ts';
import {
  allowedOf,
  faultsOf,
  isAllowed,
  ladder,
  limitNames,
  limitRules,
  mostSlotsOfAccount,
  tierNames,
  tiers,
} from '../../../../domain/accounts/tiers.ts';

it.each(tierNames)('the tier %s keeps the rules of every limit', (name) => {
  expect(faultsOf(tiers[name])).toEqual([]);
});

it('a month has 30 times the events of a day, and more is kept for who is shed last', () => {
  for (const tier of Object.values(tiers)) expect(tier.eventsPerMonth).toBe(30 * tier.eventsPerDay);
  expect(tiers.standard.shed).toBe('first');
  expect([tiers.enterprise.shed, tiers.custom.shed]).toEqual(['last', 'last']);
});

describe('bad data is found', () => {
  it.each([
    ['requestsPerSecond', 75],
    ['requestsPerSecond', '50'],
    ['requestsPerSecond', 0],
    ['eventsPerMinute', 0],
    ['eventsPerDay', -1],
    ['eventsPerDay', 1.5],
    ['eventsPerMonth', Number.POSITIVE_INFINITY],
    ['eventsPerMonth', 2 ** 53],
    ['summaryReadsPerMinute', Number.NaN],
    ['summaryReadsPerMinute', undefined],
    ['slots', 0],
    ['slots', mostSlotsOfAccount + 1],
    ['retentionDays', shortestRetentionDays - 1],
    ['retentionDays', longestRetentionDays + 1],
    ['retentionDays', null],
  ] as const)('%s of %s', (name, value) => {
    expect(faultsOf({ ...tiers.standard, [name]: value })).toEqual([name]);
  });

  it('what is missing', () => {
    expect(faultsOf({})).toEqual(limitNames);
  });
});

it('a limit says what it may be', () => {
  expect(allowedOf('slots')).toBe('a whole number from 1 to 8');
  expect(allowedOf('requestsPerSecond')).toBe(`one of ${ladder.join(', ')}`);
  fc.assert(
    fc.property(fc.constantFrom(...limitNames), fc.double(), (name, value) => {
      if (isAllowed(name, value)) expect(Number.isSafeInteger(value)).toBe(true);
    }),
  );
});

it('the fields of limits are their names in the words of tables and options', () => {
  for (const name of limitNames)
    expect(limitRules[name].field).toBe(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
});
