import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Account,
  firstSlots,
  isSuspendedFor,
  longestPrincipalAgeMs,
  longestPrincipalAgeWithoutTableMs,
  ownsKey,
  planKeyAt,
  planKeyTiedAfterMs,
  settingsOf,
  slotsAt,
  streamOf,
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
import { type StreamName, streamNames } from '../../../../domain/record/streams.ts';

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
const settingsWithStream = fc.record(
  { tier: fc.constantFrom(...tierNames), overrides, stream: fc.constantFrom(...streamNames) },
  { requiredKeys: ['tier', 'overrides'] },
);

/** By slot. */
const streamsOf = ({ mostSlots, prioritySlots = [] }: Account): readonly StreamName[] =>
  Array.from({ length: mostSlots }, (_, slot) => (prioritySlots.includes(slot) ? 'priority' : 'standard'));

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
    expect(slotsAt({ ...account, tier: 'enterprise' }, nowMs)).toEqual({ stream: 'standard', slots: [0] });
  });

  it('can change any number of times: a slot never changes its stream, and only slots that readers know are used', () => {
    const laterMs = fc.integer({ min: 0, max: 120_000 });
    const changes = fc.array(fc.tuple(settingsWithStream, laterMs), { maxLength: 8 });
    const first = fc.constantFrom(...streamNames);
    fc.assert(
      fc.property(first, changes, (firstStream, list) => {
        let current: Account = { ...account, ...firstSlots(1, firstStream) };
        let atMs = nowMs;
        /** What a reader can know at the worst. */
        const known: [number, number][] = [[0, current.mostSlots]];
        for (const [next, waitMs] of list) {
          atMs += waitMs;
          const after = withSettings(current, next, atMs);
          expect(streamsOf(after).slice(0, current.mostSlots)).toEqual(streamsOf(current));
          expect(after.mostSlots).toBeLessThanOrEqual(streamNames.length * mostSlotsOfAccount);
          expect(streamOf(after)).toBe(next.stream ?? streamOf(current));
          known.push([atMs, after.mostSlots]);
          current = after;
          for (const askedMs of [atMs, atMs + longestPrincipalAgeMs, atMs + 3 * longestPrincipalAgeMs]) {
            const old = known.filter(([sinceMs]) => sinceMs <= askedMs - longestPrincipalAgeMs).at(-1);
            const { stream, slots } = slotsAt(current, askedMs);
            expect(slots.length).toBeGreaterThan(0);
            expect(new Set(slots).size).toBe(slots.length);
            for (const slot of slots) {
              expect(slot).toBeLessThan(old?.[1] ?? 1);
              expect(streamsOf(current)[slot]).toBe(stream);
            }
          }
          const { stream, slots } = slotsAt(current, atMs + 3 * longestPrincipalAgeMs);
          expect(stream).toBe(streamOf(current));
          expect(slots).toHaveLength({ ...tiers[next.tier], ...next.overrides }.slots);
          expect(settingsOf(current).slots).toBe(slots.length);
        }
      }),
    );
  });

  it('with another stream give new slots on it, and with the one of before the old ones again', () => {
    const untilMs = nowMs + 2 * longestPrincipalAgeMs;
    const enterprise = { tier: 'enterprise', overrides: {} } as const;
    const on = withSettings(account, { ...enterprise, stream: 'priority' }, nowMs);

    expect(on).toMatchObject({ mostSlots: 5, stream: 'priority', prioritySlots: [1, 2, 3, 4] });
    expect(slotsAt(on, untilMs - 1)).toEqual({ stream: 'standard', slots: [0] });
    expect(slotsAt(on, untilMs)).toEqual({ stream: 'priority', slots: [1, 2, 3, 4] });

    const off = withSettings(on, { ...enterprise, overrides: { slots: 3 }, stream: 'standard' }, untilMs);
    expect(off).toEqual({
      ...{ ...account, ...enterprise, overrides: { slots: 3 }, mostSlots: 7, prioritySlots: [1, 2, 3, 4] },
      formerMostSlots: { value: 5, untilMs: untilMs + 2 * longestPrincipalAgeMs },
      formerRetentions: on.formerRetentions,
    });
    expect(slotsAt(off, untilMs)).toEqual({ stream: 'standard', slots: [0] });
    expect(slotsAt(off, 2 * untilMs)).toEqual({ stream: 'standard', slots: [0, 5, 6] });

    const again = withSettings(off, { ...enterprise, stream: 'priority' }, 2 * untilMs);
    expect(again.mostSlots).toBe(7);
    expect(slotsAt(again, 2 * untilMs)).toEqual({ stream: 'priority', slots: [1, 2, 3, 4] });
  });

  it('change nothing else of the account', () => {
    const after = withSettings(account, { tier: 'enterprise', overrides: { retentionDays: 60 } }, nowMs);

    expect(after).toEqual({
      ...account,
      tier: 'enterprise',
      overrides: { retentionDays: 60 },
      mostSlots: 4,
      formerMostSlots: { value: 1, untilMs: nowMs + 2 * longestPrincipalAgeMs },
      formerRetentions: [
        { value: 30, untilMs: nowMs + longestPrincipalAgeWithoutTableMs + longestPrincipalAgeMs },
      ],
    });
    expect(withSettings(after, after, nowMs + 1)).toEqual(after);
  });

  it('are in the audit log as they are in force, with those that are of the account', () => {
    expect(auditedAccount({ ...account, overrides: { eventsPerDay: 7 } })).toEqual({
      tier: 'standard',
      stream: 'standard',
      status: 'active',
      generation: 0,
      requests_per_second: 50,
      events_per_minute: 60_000,
      events_per_day: 7,
      events_per_month: 150_000_000,
      summary_reads_per_minute: 60,
      slots: 1,
      retention_days: 30,
      keep_rejected_days: 0,
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
