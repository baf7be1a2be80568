import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Account,
  isSuspendedFor,
  longestPrincipalAgeMs,
  ownsKey,
  planKeyAt,
  planKeyTiedAfterMs,
  settingsOf,
  slotsAt,
  usesPlanKey,
  withSettings,
} from '../../../../domain/accounts/accounts.ts';
import { auditedAccount } from '../../../../domain/accounts/audit.ts';
import {
  type Limits,
  ladder,
  limitNames,
  mostSlotsOfAccount,
  tierNames,
  tiers,
} from '../../../../domain/accounts/tiers.ts';

const nowMs = Date.parse('2026-11-30T10:25:41.500Z');
const account: Account = {
  id: 'acme',
  createdAtMs: nowMs,
  tier: 'standard',
  overrides: {},
  status: 'active',
  mostSlots: 1,
  generation: 0,
  planKey: 'plan-key',
};

const overrides: fc.Arbitrary<Partial<Limits>> = fc.record(
  {
    requestsPerSecond: fc.constantFrom(...ladder),
    eventsPerMinute: fc.integer({ min: 1 }),
    eventsPerDay: fc.integer({ min: 1 }),
    eventsPerMonth: fc.integer({ min: 1 }),
    summaryReadsPerMinute: fc.integer({ min: 1 }),
    slots: fc.integer({ min: 1, max: mostSlotsOfAccount }),
    retentionDays: fc.integer({ min: 30, max: 90 }),
  },
  { requiredKeys: [] },
);
const settings = fc.record({ tier: fc.constantFrom(...tierNames), overrides });

describe('settings', () => {
  it('are those of the tier where the account has none of its own', () => {
    fc.assert(
      fc.property(settings, (given) => {
        const inForce = settingsOf({ ...given, mostSlots: mostSlotsOfAccount });
        for (const name of limitNames)
          expect(inForce[name]).toBe(given.overrides[name] ?? tiers[given.tier][name]);
        expect(inForce.shed).toBe(tiers[given.tier].shed);
      }),
    );
  });

  it('have no more slots than readers read, whatever the tier has by now', () => {
    expect(settingsOf({ tier: 'enterprise', overrides: {}, mostSlots: 1 }).slots).toBe(1);
    expect(slotsAt({ ...account, tier: 'enterprise' }, nowMs)).toBe(1);
  });

  it('can change any number of times: slots that an account had are read on, and no others are used', () => {
    const changes = fc.array(fc.tuple(settings, fc.integer({ min: 0, max: 120_000 })), { maxLength: 8 });
    fc.assert(
      fc.property(changes, (list) => {
        let current = account;
        let atMs = nowMs;
        /** What a reader can know at the worst. */
        const known: [number, number][] = [[0, account.mostSlots]];
        for (const [next, laterMs] of list) {
          atMs += laterMs;
          const after = withSettings(current, next, atMs);
          expect(after.mostSlots).toBeGreaterThanOrEqual(current.mostSlots);
          expect(after.mostSlots).toBeGreaterThanOrEqual(settingsOf(after).slots);
          known.push([atMs, after.mostSlots]);
          current = after;
          for (const askedMs of [atMs, atMs + longestPrincipalAgeMs, atMs + 3 * longestPrincipalAgeMs]) {
            const old = known.filter(([sinceMs]) => sinceMs <= askedMs - longestPrincipalAgeMs).at(-1);
            expect(slotsAt(current, askedMs)).toBeLessThanOrEqual(old?.[1] ?? 1);
          }
          expect(slotsAt(current, atMs + 3 * longestPrincipalAgeMs)).toBe(settingsOf(current).slots);
        }
      }),
    );
  });

  it('change nothing else of the account', () => {
    const after = withSettings(account, { tier: 'enterprise', overrides: { retentionDays: 60 } }, nowMs);

    expect(after).toEqual({
      ...account,
      tier: 'enterprise',
      overrides: { retentionDays: 60 },
      mostSlots: 4,
      formerMostSlots: { value: 1, untilMs: nowMs + 2 * longestPrincipalAgeMs },
    });
  });

  it('are in the audit log as they are in force, with those that are of the account', () => {
    expect(auditedAccount({ ...account, overrides: { eventsPerDay: 7 } })).toEqual({
      tier: 'standard',
      status: 'active',
      generation: 0,
      requests_per_second: 50,
      events_per_minute: 60_000,
      events_per_day: 7,
      events_per_month: 150_000_000,
      summary_reads_per_minute: 60,
      slots: 1,
      retention_days: 30,
      limits: 'enforce',
      overrides: ['events_per_day'],
    });
  });
});

it('the plan key of before is used until the new one is tied, and for a while nobody may remove it', () => {
  const untilMs = nowMs + planKeyTiedAfterMs;
  const changed: Account = { ...account, planKey: 'new', formerPlanKey: { value: 'old', untilMs } };

  expect(planKeyAt(account, nowMs)).toBe('plan-key');
  expect(planKeyAt(changed, untilMs - 1)).toBe('old');
  expect(planKeyAt(changed, untilMs)).toBe('new');
  expect(usesPlanKey(changed, 'new', nowMs)).toBe(true);
  expect(usesPlanKey(changed, 'old', untilMs + longestPrincipalAgeMs)).toBe(true);
  expect(usesPlanKey(changed, 'old', untilMs + 2 * longestPrincipalAgeMs)).toBe(false);
  expect(usesPlanKey(changed, 'other', nowMs)).toBe(false);
});

it.each([
  ['active', undefined, 'POST', false],
  ['suspended', { reads: false }, 'POST', true],
  ['suspended', { reads: false }, 'DELETE', true],
  ['suspended', { reads: false }, 'GET', false],
  ['suspended', { reads: false }, 'HEAD', false],
  ['suspended', { reads: true }, 'GET', true],
  ['suspended', undefined, 'GET', true],
] as const)('an account that is %s (%j) is suspended for %s: %s', (status, suspension, method, expected) => {
  expect(isSuspendedFor({ status, ...(suspension && { suspension }) }, method)).toBe(expected);
});

it('a key is of its account in its generation only', () => {
  const key = { account: 'acme', generation: 3 };

  expect(ownsKey({ id: 'acme', generation: 3 }, key)).toBe(true);
  expect(ownsKey({ id: 'acme', generation: 4 }, key)).toBe(false);
  expect(ownsKey({ id: 'other', generation: 3 }, key)).toBe(false);
});
