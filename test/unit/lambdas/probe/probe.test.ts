import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryAccounts } from '../../../../adapters/accounts/memory-accounts.ts';
import { probeAccount, probeKeyId } from '../../../../domain/accounts/probe-account.ts';
import { parseSecret, secretMatches } from '../../../../domain/accounts/secrets.ts';
import type { DoorAnswer } from '../../../../domain/system/door.ts';
import { createProbe, storedWithinMs } from '../../../../lambdas/probe/probe.ts';
import { takeKey } from '../../../../lambdas/probe/take-key.ts';
import { TestMeter } from '../../../support/meter.ts';

let nowMs: number;
let meter: TestMeter;
let errors: string[];
let keysTaken: number;
/** What the door answers, in order; the last one for ever. */
let posts: DoorAnswer[];
let gets: DoorAnswer[];
beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1);
  meter = new TestMeter();
  errors = [];
  keysTaken = 0;
  posts = [accepted];
  gets = [{ status: 200, body: { status: 'stored' } }];
});

const messageOf = (fields: unknown) => (fields as { readonly error: Error }).error.message;

const accepted = { status: 202, body: { batch_id: 'b1' } };
const pending = { status: 200, body: { status: 'pending' } };
const next = (answers: DoorAnswer[]) => (answers.length > 1 ? answers.shift() : answers[0]) as DoorAnswer;

const createUnderTest = () =>
  createProbe({
    door: { post: async () => next(posts), get: async () => next(gets) },
    takeKey: async () => {
      keysTaken += 1;
      return `secret ${keysTaken}`;
    },
    clock: { now: () => nowMs },
    pause: async () => {
      nowMs += 1000;
    },
    meter,
    logger: { error: (_message, ...fields) => void errors.push(messageOf(fields[0])) },
  });

describe('the probe', () => {
  it('succeeds when its event is stored, and tells how long that took', async () => {
    gets = [pending, pending, { status: 200, body: { status: 'stored' } }];

    await createUnderTest()();

    expect(meter.values('probeSucceeded')).toEqual([1]);
    expect(meter.values('probeRoundTrip')).toEqual([2000]);
    expect(errors).toEqual([]);
  });

  it.each<[string, () => void, RegExp]>([
    ['is not accepted', () => (posts = [{ status: 503, body: { code: 'unavailable' } }]), /503, unavailable/],
    ['has no receipt', () => (gets = [{ status: 404, body: { code: 'not_found' } }]), /404, not_found/],
    ['is quarantined', () => (gets = [{ status: 200, body: { status: 'quarantined' } }]), /quarantined/],
    ['is never stored', () => (gets = [pending]), /not stored after 20 s/],
    ['meets an answer that is no JSON', () => (posts = [{ status: 502, body: undefined }]), /502/],
  ])('fails when its event %s, and says so', async (_what, prepare, message) => {
    prepare();

    await createUnderTest()();

    expect(meter.values('probeSucceeded')).toEqual([0]);
    expect(errors).toEqual([expect.stringMatching(message)]);
  });

  it('waits for no longer than its bound', async () => {
    gets = [pending];
    const startedMs = nowMs;

    await createUnderTest()();

    expect(nowMs - startedMs).toBe(storedWithinMs);
  });

  it('keeps its key, and makes another only when its own is refused', async () => {
    const probe = createUnderTest();
    await probe();
    posts = [{ status: 503, body: {} }];
    await probe();
    expect(keysTaken).toBe(1);

    posts = [{ status: 401, body: { code: 'unauthorized' } }];
    await probe();
    posts = [accepted];
    await probe();

    expect(keysTaken).toBe(2);
    expect(meter.values('probeSucceeded')).toEqual([1, 0, 0, 1]);
  });

  it('fails, and does not crash, when it cannot take a key', async () => {
    const probe = createProbe({
      door: { post: async () => accepted, get: async () => pending },
      takeKey: () => Promise.reject(new Error('The table is away.')),
      clock: { now: () => nowMs },
      pause: async () => {},
      meter,
      logger: { error: (_message, ...fields) => void errors.push(messageOf(fields[0])) },
    });

    await probe();

    expect(meter.values('probeSucceeded')).toEqual([0]);
    expect(errors[0]).toContain('The table is away.');
  });
});

describe('the key of the probe', () => {
  const replaced: unknown[] = [];
  const accounts = new MemoryAccounts();
  const take = (random: number) =>
    takeKey({
      accounts,
      keys: { replace: async (key) => void replaced.push(key) },
      auditor: {
        actor: { who: 'probe', from: 'probe' },
        random: { bytes: (count) => new Uint8Array(count).fill(random) },
      },
      clock: { now: () => nowMs },
      planKey: 'a plan key',
    });

  it('comes with the account the first time, and takes the place of the one before after that', async () => {
    const first = await take(1);
    const made = await accounts.findAccount(probeAccount);
    const second = await take(2);

    expect(made).toMatchObject({ tier: 'standard', planKey: 'a plan key', status: 'active' });
    expect(parseSecret(first)).toMatchObject({ account: probeAccount, keyId: probeKeyId });
    expect(second).not.toBe(first);
    expect(replaced).toEqual([expect.objectContaining({ id: probeKeyId, account: probeAccount })]);
    const [{ hash }] = replaced as [{ hash: Uint8Array }];
    expect(secretMatches(second, hash)).toBe(true);
    expect(secretMatches(first, hash)).toBe(false);
  });
});
