import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, settingsOf, withSettings } from '../../../../domain/accounts/accounts.ts';
import type { Retention } from '../../../../domain/accounts/retention.ts';
import { type TierName, tierNames } from '../../../../domain/accounts/tiers.ts';
import { newestMs } from '../../../../domain/event/time-bounds.ts';
import { visibleFromMs } from '../../../../domain/reading/visible.ts';
import { dayMs, floorTo, hourMs, iso, minuteMs, secondMs } from '../../../../domain/system/time.ts';

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

/** As authorize passes it. */
const retentionOf = (of: Account): Retention => ({
  retentionDays: settingsOf(of).retentionDays,
  ...(of.formerRetentions && { formerRetentions: of.formerRetentions }),
});
const withDays = (of: Account, retentionDays: number, atMs: number): Account =>
  withSettings(of, { tier: of.tier, overrides: { ...of.overrides, retentionDays } }, atMs);
const visible = (of: Account, atMs: number): string => iso(visibleFromMs(retentionOf(of), atMs));

/** Authorize can act for so long on settings that were changed meanwhile. */
const staleMs = 10 * minuteMs + 30 * secondMs;

describe('what is shown', () => {
  it('begins with a whole hour, of which nothing has expired yet', () => {
    expect(visible(account, Date.parse('2026-11-30T10:49:59.999Z'))).toBe('2026-10-31T11:00:00.000Z');
    expect(visible(account, Date.parse('2026-11-30T10:50:00.000Z'))).toBe('2026-10-31T11:00:00.000Z');
    expect(visible(account, Date.parse('2026-11-30T10:50:00.001Z'))).toBe('2026-10-31T12:00:00.000Z');
  });

  it('is less at once after the retention is lowered, and stays so after it is raised again', () => {
    const before: Account = { ...account, tier: 'enterprise' };
    const lowered = withDays(before, 40, nowMs);
    const raised = withDays(lowered, 90, nowMs + minuteMs);

    expect(visible(before, nowMs)).toBe('2026-09-01T11:00:00.000Z');
    expect(visible(lowered, nowMs)).toBe('2026-10-21T11:00:00.000Z');
    expect(visible(raised, nowMs + minuteMs)).toBe('2026-10-21T11:00:00.000Z');
  });

  it('grows after the retention is raised, by what was received since everybody knows of it', () => {
    const raised = withDays(account, 90, nowMs);

    expect(visible(raised, nowMs + 29 * dayMs)).toBe('2026-11-29T11:00:00.000Z');
    for (const days of [31, 60, 89])
      expect(visible(raised, nowMs + days * dayMs)).toBe('2026-11-30T11:00:00.000Z');
    expect(visible(raised, nowMs + 91 * dayMs)).toBe('2026-12-01T11:00:00.000Z');
  });

  it('is as under the least retention that can have been promised since, however often it changes', () => {
    const change = fc.record({
      waitMs: fc.oneof(fc.integer({ min: 0, max: 20 * minuteMs }), fc.integer({ min: 0, max: 50 * dayMs })),
      tier: fc.constantFrom(...tierNames),
      retentionDays: fc.option(fc.integer({ min: 30, max: 90 })),
    });
    const asked = fc.array(fc.integer({ min: 0, max: 50 * dayMs }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(change, asked), { minLength: 1, maxLength: 10 }), (changes) => {
        let current = account;
        let atMs = nowMs;
        let shownFromMs = 0;
        const inForce: { readonly days: number; readonly sinceMs: number; untilMs: number }[] = [
          { days: 30, sinceMs: 0, untilMs: Number.POSITIVE_INFINITY },
        ];
        for (const [index, [{ waitMs, tier, retentionDays }, laterMs]] of changes.entries()) {
          atMs += waitMs;
          current = withSettings(current, settingsFor(tier, retentionDays), atMs);
          const last = inForce.at(-1);
          if (last) last.untilMs = atMs;
          const days = settingsOf(current).retentionDays;
          inForce.push({ days, sinceMs: atMs, untilMs: Number.POSITIVE_INFINITY });
          const next = changes[index + 1]?.[0].waitMs ?? Number.POSITIVE_INFINITY;
          for (const askedMs of [0, ...laterMs.filter((ms) => ms <= next)].map((ms) => atMs + ms).sort()) {
            const fromMs = visibleFromMs(retentionOf(current), askedMs);
            expect(fromMs % hourMs).toBe(0);
            expect(fromMs).toBeGreaterThanOrEqual(shownFromMs);
            shownFromMs = fromMs;
            const isShown = (hour: number) => {
              const receivedMs = hour - newestMs;
              const promised = inForce.filter(({ untilMs }) => receivedMs < untilMs + staleMs);
              const expiresMs = receivedMs + Math.min(...promised.map((each) => each.days)) * dayMs;
              return expiresMs >= askedMs;
            };
            const edges = inForce.flatMap((each) => [each.untilMs, askedMs - each.days * dayMs]);
            const hours = [fromMs, ...edges.filter(Number.isFinite)].map((ms) => floorTo(ms, hourMs));
            for (const hour of hours.flatMap((ms) => [ms - hourMs, ms, ms + hourMs, ms + 2 * hourMs]))
              expect(isShown(hour)).toBe(hour >= fromMs);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('needs no history of what is hidden under any retention, and none that a later one covers', () => {
    const raised = [31, 40, 35, 90, 60, 90].reduce(
      (of, days, index) => withDays(of, days, nowMs + index * dayMs),
      account,
    );
    expect(raised.formerRetentions?.map(({ value }) => value)).toEqual([30, 31, 35, 60]);

    const later = withDays(raised, 80, nowMs + 94 * dayMs);
    expect(later.formerRetentions?.map(({ value }) => value)).toEqual([60]);
    expect(withDays(later, 30, nowMs + 94 * dayMs)).not.toHaveProperty('formerRetentions');
  });
});

const settingsFor = (tier: TierName, retentionDays: number | null) => ({
  tier,
  overrides: retentionDays === null ? {} : { retentionDays },
});
