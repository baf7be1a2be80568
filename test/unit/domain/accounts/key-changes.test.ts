import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiKey } from '../../../../domain/accounts/api-keys.ts';
import {
  hasRoomFor,
  keyCreated,
  makeKey,
  mostKeys,
  mostLiveKeys,
  planRevocation,
  planRotation,
} from '../../../../domain/accounts/key-changes.ts';
import { parseSecret, secretMatches } from '../../../../domain/accounts/secrets.ts';
import { scopes } from '../../../../domain/api/routes.ts';
import { dayMs, hourMs } from '../../../../domain/system/time.ts';
import { seededRandom } from '../../../support/clock.ts';

const nowMs = Date.parse('2026-11-30T10:00:00Z');
const auditor = { actor: { who: 'key 0123456789ab', from: '203.0.113.7' }, random: seededRandom() };
const request = { account: 'acme', generation: 0, environment: 'staging', scopes: ['ingest'] } as const;
const { key } = makeKey(auditor, request, nowMs);

it('a key is made by its actor, with a secret that only its hash knows', () => {
  const made = makeKey(auditor, { ...request, expiresInMs: dayMs }, nowMs);

  expect(made.key).toMatchObject({ ...request, createdBy: 'key 0123456789ab', expiresAtMs: nowMs + dayMs });
  const { account, environment } = request;
  expect(parseSecret(made.secret)).toEqual({ account, environment, keyId: made.key.id });
  expect(secretMatches(made.secret, made.key.hash)).toBe(true);
  expect(JSON.stringify(keyCreated(made.key))).not.toContain(made.secret.slice(-38));
});

it('a rotation gives no key more than the one that it replaces, and enters both', () => {
  fc.assert(
    fc.property(
      fc.subarray([...scopes], { minLength: 1 }),
      fc.option(fc.integer({ min: 1, max: 9 * dayMs }), { nil: undefined }),
      fc.integer({ min: 0, max: 9 * dayMs }),
      (held, leftMs, overlapMs) => {
        const before = makeKey(
          auditor,
          { ...request, scopes: held, ...(leftMs !== undefined && { expiresInMs: leftMs }) },
          nowMs,
        ).key;
        const plan = planRotation(auditor, { key: before }, { overlapMs, isForced: false }, nowMs);

        if (plan.outcome !== 'rotated') throw new Error(plan.outcome);
        const { added, after, entries } = plan.change;
        expect(added?.scopes).toEqual(held);
        expect(added?.environment).toBe(before.environment);
        expect(added?.expiresAtMs).toBe(before.expiresAtMs);
        expect(plan.endsAtMs).toBe(
          Math.min(nowMs + overlapMs, before.expiresAtMs ?? Number.POSITIVE_INFINITY),
        );
        expect(after).toMatchObject({ replacedBy: added?.id, expiresAtMs: plan.endsAtMs });
        expect(entries.map(({ what, key: id, who, from }) => [what, id, who, from])).toEqual([
          ['key.rotated', before.id, 'key 0123456789ab', '203.0.113.7'],
          ['key.created', added?.id, 'key 0123456789ab', '203.0.113.7'],
        ]);
      },
    ),
  );
});

it.each([
  [{ revokedAtMs: nowMs - 1 }, { outcome: 'not live', state: 'revoked' }],
  [{ expiresAtMs: nowMs }, { outcome: 'not live', state: 'expired' }],
  [
    { replacedBy: 'ffffffffffff', expiresAtMs: nowMs + 5 },
    { outcome: 'replaced before', by: 'ffffffffffff', endsAtMs: nowMs + 5 },
  ],
])('a key with %j is not rotated', (fields, expected) => {
  const used = { key: { ...key, ...fields } };
  expect(planRotation(auditor, used, { overlapMs: hourMs, isForced: true }, nowMs)).toEqual(expected);
});

it.each([
  ['ends an hour after its last use', 5, hourMs - 5, false, undefined, 'in use'],
  ['ends at once, just used', 0, 0, false, undefined, 'in use'],
  ['ends later than that', 5, hourMs - 4, false, undefined, 'rotated'],
  ['ends at once, used long ago', hourMs + 1, 0, false, undefined, 'rotated'],
  ['ends at once, by force', 0, 0, true, undefined, 'rotated'],
  ['would expire later, and ends at once', 0, 0, false, 9, 'in use'],
  ['expires before the overlap is over', 0, 10, false, 9, 'rotated'],
])(
  'a key in use that %s: %i ms ago, %i ms of overlap, forced %s',
  (...[, agoMs, overlapMs, isForced, leftMs, outcome]) => {
    const before = { ...key, ...(leftMs !== undefined && { expiresAtMs: nowMs + leftMs }) };
    const lastUse = { minuteMs: nowMs - agoMs, client: 'curl/8' };

    const plan = planRotation(auditor, { key: before, lastUse }, { overlapMs, isForced }, nowMs);

    expect(plan.outcome).toBe(outcome);
  },
);

it('a key that was never used is rotated without an overlap', () => {
  const plan = planRotation(auditor, { key }, { overlapMs: 0, isForced: false }, nowMs);

  expect(plan).toMatchObject({ outcome: 'rotated', endsAtMs: nowMs });
});

describe('a key is revoked', () => {
  const usedAgo = (agoMs: number) => ({ key, lastUse: { minuteMs: nowMs - agoMs, client: 'curl/8' } });

  it('unless it was used in the last hour, or the caller insists', () => {
    expect(planRevocation(auditor, usedAgo(hourMs), false, nowMs)).toMatchObject({ outcome: 'in use' });
    for (const plan of [
      planRevocation(auditor, usedAgo(hourMs + 1), false, nowMs),
      planRevocation(auditor, { key }, false, nowMs),
      planRevocation(auditor, usedAgo(0), true, nowMs),
    ])
      expect(plan).toMatchObject({
        outcome: 'revoked',
        change: { after: { ...key, revokedAtMs: nowMs }, entries: [{ what: 'key.revoked' }] },
      });
  });

  it('once', () => {
    const revoked = { key: { ...key, revokedAtMs: nowMs - 1 } };

    expect(planRevocation(auditor, revoked, true, nowMs)).toEqual({ outcome: 'revoked before' });
  });
});

describe('there is room for a key', () => {
  const many = (count: number, fields: Partial<ApiKey> = {}) =>
    Array.from({ length: count }, () => ({ ...key, ...fields }));

  it('while less than 100 are live and not replaced', () => {
    const ended = many(500, { revokedAtMs: nowMs });
    const replaced = many(100, { replacedBy: 'ffffffffffff', expiresAtMs: nowMs + 1 });
    const some = [...ended, ...replaced, ...many(mostLiveKeys - 1)];

    expect(hasRoomFor('creation', some, nowMs)).toBe(true);
    expect(hasRoomFor('creation', [...some, key], nowMs)).toBe(false);
  });

  it('that takes the place of another, at 100, too', () => {
    expect(hasRoomFor('rotation', many(mostLiveKeys), nowMs)).toBe(true);
  });

  it('while less than 1,000 are there, with those that ended', () => {
    const ended = many(mostKeys - 1, { revokedAtMs: nowMs });

    for (const change of ['creation', 'rotation'] as const) {
      expect(hasRoomFor(change, ended, nowMs)).toBe(true);
      expect(hasRoomFor(change, [...ended, key], nowMs)).toBe(false);
    }
  });
});
