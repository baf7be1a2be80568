import { describe, expect, it, vi } from 'vitest';
import { placeOf, type Receipt } from '../../../../domain/counting/receipt.ts';
import { nextRun } from '../../../../domain/counting/runs.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { type Counted, countReceipts } from '../../../../lambdas/counting/count-receipts.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { settleReceipts } from '../../../../lambdas/counting/settle-receipts.ts';
import { lane, laneReceipt, lateLane } from '../../../support/lanes.ts';
import { readHoursOf } from '../../../support/read-hours.ts';
import { CountingFixture } from './fixture.ts';

const [a, b, c] = ['a', 'b', 'c'].map((record) => laneReceipt(record)) as [Receipt, Receipt, Receipt];
const storedOf = async ({ store }: CountingFixture) => {
  const { hours, intakes } = await readHoursOf({ lanes: store }, lane);
  return [
    [...hours.values()].reduce((sum, { total }) => sum + total.count, 0),
    [...intakes.values()].reduce((sum, { stored }) => sum + stored, 0),
  ];
};
const count = (fixture: CountingFixture, receipts: readonly Receipt[]) =>
  countReceipts(
    fixture,
    receipts.map((to) => ({ to })),
  );
const outcomes = (results: readonly Counted[]) => results.map(({ outcome }) => outcome);
const modeOf = async ({ store }: CountingFixture, receipt: Receipt) =>
  (await store.receipts([receipt]))[0]?.mode;
/** A run over all of these positions, sealed with the receipts that are there. */
const sealedRun = async (fixture: CountingFixture) => {
  const run = nextRun(lane, undefined, placeOf(laneReceipt('z')));
  await fixture.store.announce(run);
  await settleReceipts(fixture, await fixture.store.receipts([b]));
  return run;
};

describe('receipts are counted', () => {
  it('by a plain put and one look for their run, for all of a lane', async () => {
    const fixture = new CountingFixture();

    const results = await count(fixture, [a, b, c]);

    expect(outcomes(results)).toEqual(['counted', 'counted', 'counted']);
    expect(fixture.calls).toEqual(['putReceipts', 'lastRun']);
    expect(await storedOf(fixture)).toEqual([3, 3]);
  });

  it('by one look in each lane', async () => {
    const fixture = new CountingFixture();

    await count(fixture, [a, laneReceipt('l', { lane: lateLane }), b]);

    expect(fixture.calls).toEqual(['putReceipts', 'lastRun', 'lastRun']);
  });

  it('lane by lane where a put of all fails: what one lane is refused is open in that lane only', async () => {
    const fixture = new CountingFixture();
    const refused = laneReceipt('l', { lane: lateLane });
    const putReceipts = fixture.store.putReceipts.bind(fixture.store);
    vi.spyOn(fixture.store, 'putReceipts').mockImplementation(async (receipts) => {
      if (receipts.includes(refused)) throw new Unavailable('refused');
      return putReceipts(receipts);
    });

    const results = await count(fixture, [a, refused, b]);

    expect(outcomes(results)).toEqual(['counted', 'open', 'counted']);
    expect(results[1]).toMatchObject({ error: { message: 'refused' } });
    expect(await storedOf(fixture)).toEqual([2, 2]);
  });

  it('by one look when the last run ended before them', async () => {
    const fixture = new CountingFixture();
    await count(fixture, [a]);
    await foldRun(fixture, lane);
    fixture.calls.length = 0;

    await count(fixture, [b, c]);

    expect(fixture.calls).toEqual(['putReceipts', 'lastRun']);
  });

  it('directly if they are not plain', async () => {
    const fixture = new CountingFixture();

    const results = await count(fixture, [{ ...a, mode: 'direct' }]);

    expect(outcomes(results)).toEqual(['counted']);
    expect(await modeOf(fixture, a)).toBe('direct');
    expect(await storedOf(fixture)).toEqual([1, 1]);
  });

  it('directly if a run has passed them by, and once', async () => {
    const fixture = new CountingFixture();
    await fixture.store.putReceipts([b]);
    await sealedRun(fixture);

    await count(fixture, [a, c]);
    await count(fixture, [a, c]);

    expect([await modeOf(fixture, a), await modeOf(fixture, b), await modeOf(fixture, c)]).toEqual([
      'direct',
      'plain',
      'direct',
    ]);
    expect(await storedOf(fixture)).toEqual([3, 3]);
    await foldRun(fixture, lane);
    expect(await storedOf(fixture)).toEqual([3, 3]);
  });

  it('without their delta once they are in the documents', async () => {
    const fixture = new CountingFixture();
    await fixture.store.putReceipts([b]);
    await sealedRun(fixture);

    await count(fixture, [a]);

    expect((await fixture.store.receipts([a]))[0]).not.toHaveProperty('delta');
  });

  it('by sealing a run that is announced and has no list yet', async () => {
    const fixture = new CountingFixture();
    const run = nextRun(lane, undefined, placeOf(c));
    await fixture.store.announce(run);

    await count(fixture, [a]);

    expect((await fixture.store.listOf(run))?.positions).toEqual([placeOf(a)]);
    expect(await modeOf(fixture, a)).toBe('plain');
  });

  it('by each of several runs that cover them', async () => {
    const fixture = new CountingFixture();
    const limits = { ...fixture.limits, receipts: 1 };
    await count(fixture, [b, laneReceipt('d')]);
    for (let run = 0; run < 2; run += 1) await foldRun({ ...fixture, lanes: fixture.lanes, limits }, lane);

    await count(fixture, [a, c, laneReceipt('e')]);

    expect(await Promise.all([a, c, laneReceipt('e')].map((each) => modeOf(fixture, each)))).toEqual([
      'direct',
      'direct',
      'plain',
    ]);
    expect(await storedOf(fixture)).toEqual([5, 5]);
  });
});

describe('who meets a receipt', () => {
  it('settles it: who put it may have ended before its look (C5, C15)', async () => {
    const fixture = new CountingFixture();
    await fixture.store.putReceipts([b]);
    await sealedRun(fixture);
    await fixture.store.putReceipts([a]);

    const results = await count(fixture, [a]);

    expect(results).toEqual([{ outcome: 'met', receipt: a }]);
    expect(await modeOf(fixture, a)).toBe('direct');
    expect(await storedOf(fixture)).toEqual([2, 2]);
  });

  it('settles it also where it would have quarantined the record', async () => {
    const fixture = new CountingFixture();
    await fixture.store.putReceipts([b]);
    await sealedRun(fixture);
    await fixture.store.putReceipts([a]);

    const results = await count(fixture, [{ ...a, state: 'quarantined', mode: 'direct' }]);

    expect(results).toEqual([{ outcome: 'met', receipt: a }]);
    expect(await modeOf(fixture, a)).toBe('direct');
    expect(await storedOf(fixture)).toEqual([2, 2]);
  });

  it('counts it from quarantine, once', async () => {
    const fixture = new CountingFixture();
    const { delta: _, ...rest } = a;
    const from: Receipt = { ...rest, state: 'quarantined', mode: 'direct', stored: 0 };
    await count(fixture, [from]);
    expect(await storedOf(fixture)).toEqual([0, 0]);

    const first = await countReceipts(fixture, [{ from, to: a }]);
    const again = await countReceipts(fixture, [{ from, to: a }]);

    expect([...outcomes(first), ...outcomes(again)]).toEqual(['counted', 'met']);
    expect(await storedOf(fixture)).toEqual([1, 1]);
  });

  it('is told of one that is not plain, and leaves it', async () => {
    const fixture = new CountingFixture();
    const quarantined = laneReceipt('a', { state: 'quarantined', mode: 'direct' });
    await fixture.store.putReceipts([quarantined]);

    expect(await count(fixture, [a, b])).toEqual([
      { outcome: 'met', receipt: quarantined },
      { outcome: 'counted', receipt: b },
    ]);
  });
});

it('a receipt that its run lists stays plain, also once the list has expired with the receipts on it', async () => {
  const fixture = new CountingFixture();
  await count(fixture, [a]);
  await foldRun(fixture, lane);
  await settleReceipts(fixture, [a]);
  expect(await modeOf(fixture, a)).toBe('plain');

  fixture.store.lists.clear();
  await fixture.store.putReceipts([laneReceipt('A')]);
  await settleReceipts(fixture, [laneReceipt('A')]);

  expect(fixture.store.lists.size).toBe(0);
  expect(await modeOf(fixture, laneReceipt('A'))).toBe('direct');
});

it('counting directly marks closed days', async () => {
  const fixture = new CountingFixture();
  await fixture.store.putReceipts([b]);
  await sealedRun(fixture);
  fixture.clock.nowMs += 2 * dayMs;

  await count(fixture, [a]);

  expect([...fixture.store.marks.values()]).toEqual([1]);
});

describe('a count that ends early is finished by the next try', () => {
  const calls = ['putReceipts', 'documents', 'commit', 'lastRun', 'listOf', 'documents', 'commit'];
  const largeOne: Receipt = { ...laneReceipt('d'), mode: 'direct' };

  it.each(calls.flatMap((_, call) => [['after', call] as const, ['before', call] as const]))(
    '%s call %i',
    async (when, call) => {
      const fixture = new CountingFixture();
      await fixture.store.putReceipts([b]);
      await sealedRun(fixture);
      fixture.calls.length = 0;
      if (when === 'after') fixture.endsAfter = call;
      else fixture.endsBefore = call;
      const ended = await count(fixture, [a, c, largeOne]).catch((error) => error);
      const isOpen = Array.isArray(ended) && ended.every(({ outcome }) => outcome === 'open');
      expect(isOpen || ended instanceof Unavailable).toBe(true);
      expect(fixture.calls).toEqual(calls.slice(0, call + 1));
      fixture.endsAfter = Number.POSITIVE_INFINITY;
      fixture.endsBefore = Number.POSITIVE_INFINITY;

      await count(fixture, [a, c, largeOne]);
      await foldRun(fixture, lane);

      expect(await storedOf(fixture)).toEqual([4, 4]);
    },
  );
});

describe('a lane that is unavailable', () => {
  const late = laneReceipt('l', { lane: lateLane });

  it.each(['lastRun', 'documents'] as const)(
    'at %s leaves the records of the others counted',
    async (call) => {
      const fixture = new CountingFixture();
      const broken = vi.spyOn(fixture.store, call);
      broken.mockRejectedValueOnce(new Unavailable('unavailable'));
      const direct: Receipt = { ...b, mode: 'direct' };

      const results = await count(fixture, [call === 'documents' ? direct : a, late]);

      expect(results).toEqual([
        { outcome: 'open', error: expect.any(Unavailable) },
        { outcome: 'counted', receipt: late },
      ]);
    },
  );

  it('is counted once by the next try', async () => {
    const fixture = new CountingFixture();
    vi.spyOn(fixture.store, 'lastRun').mockRejectedValueOnce(new Unavailable('unavailable'));
    await count(fixture, [a, late]);

    expect(outcomes(await count(fixture, [a, late]))).toEqual(['met', 'met']);
    expect(await storedOf(fixture)).toEqual([1, 1]);
  });
});

it('a receipt that the table did not take stays open alone', async () => {
  const fixture = new CountingFixture();
  const put = fixture.store.putReceipts.bind(fixture.store);
  vi.spyOn(fixture.store, 'putReceipts').mockImplementation(async (receipts) => {
    const taken = await put(receipts.filter(({ record }) => record !== b.record));
    return receipts.map(({ record }) => (record === b.record ? 'undecided' : (taken.shift() ?? 'undecided')));
  });

  const results = await count(fixture, [a, b, c]);

  expect(outcomes(results)).toEqual(['counted', 'open', 'counted']);
  expect(await storedOf(fixture)).toEqual([2, 2]);
});

it('a bug in one lane is no outage: it is thrown', async () => {
  const fixture = new CountingFixture();
  vi.spyOn(fixture.store, 'lastRun').mockRejectedValue(new TypeError('a bug'));

  await expect(count(fixture, [a])).rejects.toThrow(TypeError);
});
