// Of two records of a lane that bring one id, the one that arrived first has it, whatever fails meanwhile.

import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { PutResult } from '../../../../domain/counting/port.ts';
import type { Receipt } from '../../../../domain/counting/receipt.ts';
import { identityKey } from '../../../../domain/keys.ts';
import { delivery } from '../../../../domain/record/delivery.ts';
import type { OutgoingRecord } from '../../../../domain/record/port.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { type Page, recordOfPointer } from '../../../../domain/storing/pages.ts';
import type { ClaimResult, Identities } from '../../../../domain/storing/port.ts';
import { dayMs, minuteMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { event, events, nowMs } from '../../../support/events.ts';
import { tenantOf } from '../../../support/lanes.ts';
import { recordOf, tenant, World } from './fixture.ts';

let world: World;
let { identities, pages, meter } = new World();
let { consume, receipt } = new World();
beforeEach(() => {
  world = new World();
  ({ identities, pages, meter } = world);
  ({ consume, receipt } = world);
});

type Claims = Parameters<Identities['claim']>[0];

const one = (id: string, type = 'page.view', timestamp = nowMs) => [event({ event_id: id, type, timestamp })];
/** No record is opened together with the ones that follow it. */
const fills = (id: string) => [event({ event_id: id, metadata: { text: 'x'.repeat(4 * 1024 * 1024) } })];
const failuresOf = async (...records: Parameters<typeof consume>) =>
  (await consume(...records)).batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier));

/** A try takes all the time of its invocation. */
function allowOneTry(own: World): void {
  vi.spyOn(own.clock, 'sleep').mockImplementation(async () => {
    own.clock.nowMs += delivery.consumeTimeoutSeconds * 1000;
  });
}

function watchClaims(undecided: (claim: Claims[number]) => boolean = () => false) {
  const real = identities.claim.bind(identities);
  return vi.spyOn(identities, 'claim').mockImplementation(async (claims) => {
    const results = await real(claims.filter((claim) => !undecided(claim)));
    return claims.map((claim) =>
      undecided(claim) ? { outcome: 'undecided' } : (results.shift() ?? { outcome: 'undecided' }),
    );
  });
}
const recordsIn = ({ mock }: ReturnType<typeof watchClaims>) =>
  mock.calls.map(([claims]) => [...new Set(claims.map(({ record }) => record))]);

describe('an id that several records of an invocation have', () => {
  it('is claimed once: a hundred resends of a batch make one call', async () => {
    const claim = watchClaims();

    await consume(...Array.from({ length: 100 }, (_, index) => recordOf(`b${index}`, events(5))));

    expect(claim.mock.calls.map(([claims]) => claims.length)).toEqual([5]);
    expect(await world.intake()).toMatchObject({ received: 500, stored: 5, duplicates: 495 });
    expect(meter.total(metricNames.contestedClaims)).toBe(495);
  });

  it('is decided by who holds it, if that is another record', async () => {
    await consume(recordOf('holder', one('x')));
    const claim = watchClaims();

    await consume(recordOf('a', one('x')), recordOf('b', one('x', 'other')));

    expect(claim.mock.calls.map(([claims]) => claims.length)).toEqual([1]);
    expect(receipt('a')).toMatchObject({ duplicates: 1, conflicts: 0 });
    expect(receipt('b')).toMatchObject({ duplicates: 0, conflicts: 1 });
  });

  it('is claimed again for one that is received after the time of the holder, and decided by it from then on', async () => {
    const later = nowMs + 31 * dayMs;
    const claim = watchClaims();

    await consume(
      recordOf('a', one('x', 'first')),
      recordOf('b', one('x', 'first')),
      recordOf('c', one('x', 'second', later), later),
      recordOf('d', one('x', 'second', later)),
      recordOf('e', one('x', 'third', later), later),
    );

    expect(recordsIn(claim)).toEqual([['a.0'], ['c.0']]);
    expect(['a', 'b', 'c', 'd', 'e'].map(receipt)).toMatchObject([
      { stored: 1 },
      { duplicates: 1 },
      { stored: 1 },
      { duplicates: 1 },
      { conflicts: 1 },
    ]);
  });

  it('is not free for a record that is received in the last millisecond of the holder', async () => {
    const until = nowMs + 30 * dayMs;
    const claim = watchClaims();

    await consume(recordOf('a', one('x')), recordOf('b', one('x', 'other', until), until));

    expect(claim).toHaveBeenCalledOnce();
    expect(receipt('b')).toMatchObject({ conflicts: 1 });
  });

  it('is left undecided for the later ones, too, as long as it is for the first: they leave the stream together', async () => {
    const [a, b] = [recordOf('a', [...one('x', 'first'), ...one('y')]), recordOf('b', one('x', 'second'))];
    const unsure = watchClaims(({ key }) => key === identityKey(tenant, 'x'));

    expect(await failuresOf(a, b)).toEqual([]);
    expect(await world.deadLettered()).toEqual([['a', 'b']]);
    expect(new Set(recordsIn(unsure).flat())).toEqual(new Set(['a.0']));
    unsure.mockRestore();
    // As settle replays them.
    world.clock.nowMs += minuteMs;
    expect(await failuresOf(a, b)).toEqual([]);

    expect(receipt('a')).toMatchObject({ stored: 2 });
    expect(receipt('b')).toMatchObject({ conflicts: 1 });
  });
});

describe('a record that is left open', () => {
  const others = {
    late: recordOf('late', one('x'), nowMs, { late: true }),
    slot: recordOf('slot', one('y'), nowMs, { slot: 1 }),
    account: recordOf('account', one('x'), nowMs, { tenant: tenantOf('zeta') }),
  };
  beforeEach(() => allowOneTry(world));

  const troubles: [string, () => { mockRestore(): void }][] = [
    ['whose claim is undecided', () => watchClaims(({ record }) => record === 'a.0')],
    [
      'whose claims are unavailable',
      () => {
        const real = identities.claim.bind(identities);
        return vi
          .spyOn(identities, 'claim')
          .mockImplementation(async (claims) =>
            claims.some(({ record }) => record === 'a.0')
              ? Promise.reject(new Unavailable('unavailable'))
              : real(claims),
          );
      },
    ],
    [
      'whose page is not written',
      () => {
        const write = pages.write.bind(pages);
        return vi.spyOn(pages, 'write').mockImplementation(async (all) => {
          const isBad = ({ sk }: { readonly sk: string }) => recordOfPointer(`0#${sk}`) === 'a.0';
          await write(all.filter((page) => !isBad(page)));
          return all.filter(isBad);
        });
      },
    ],
  ];

  it.each(troubles)(
    '%s leaves open those of its lane that are opened after it, and no others',
    async (_, arrange) => {
      const [a, b] = [recordOf('a', fills('contested')), recordOf('b', one('contested'))];
      const trouble = arrange();

      expect(await failuresOf(a, others.late, others.slot, b, others.account)).toEqual([1, 4]);
      expect([...identities.held.values()].map(({ record }) => record)).not.toContain('b.0');
      trouble.mockRestore();
      expect(await failuresOf(a, others.late, others.slot, b, others.account)).toEqual([]);

      expect(receipt('a')).toMatchObject({ stored: 1 });
      expect(receipt('b')).toMatchObject({ conflicts: 1 });
    },
  );

  it('does so also where each record is tried by itself, because another makes our code fail', async () => {
    const write = pages.write.bind(pages);
    const buggy = vi.spyOn(pages, 'write').mockImplementation(async (all) => {
      if (all.some(({ sk }) => recordOfPointer(`0#${sk}`) === 'bad.0')) throw new TypeError('a bug');
      return write(all);
    });
    const records = [
      recordOf('bad', one('z')),
      recordOf('a', one('contested', 'first')),
      others.slot,
      recordOf('b', one('contested', 'second')),
    ];
    const unsure = watchClaims(({ record }) => record === 'a.0');

    expect(await failuresOf(...records)).toEqual([2, 4]);
    expect(receipt('bad')).toMatchObject({ state: 'quarantined' });
    unsure.mockRestore();
    expect(await failuresOf(...records)).toEqual([]);
    buggy.mockRestore();

    expect(receipt('a')).toMatchObject({ stored: 1 });
    expect(receipt('b')).toMatchObject({ conflicts: 1 });
  });
});

describe('whatever fails, and wherever an invocation ends,', () => {
  /** Of a lane that has no id in common with the other. A bad one makes our code fail, and has an id of its own. */
  const plans = fc.record({
    late: fc.constantFrom(false, false, true),
    ids: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }),
    isBad: fc.constantFrom(false, false, false, false, true),
  });
  type Plan = typeof plans extends fc.Arbitrary<infer Value> ? Value : never;
  /** Of each call: nothing, all of it before or after it is done, or items by the bits of the rest. */
  const faults = fc.array(fc.nat(63), { maxLength: 12, size: 'max' });

  const idsOf = ({ late, ids, isBad }: Plan, index: number) =>
    isBad ? [`bad-${index}`] : ids.map((id) => `${id}-${late}`);
  const sealed = (plan: Plan, index: number) =>
    recordOf(
      `${plan.isBad ? 'bad' : 'b'}${index}`,
      idsOf(plan, index).flatMap((id) => one(id, `by-${index}`)),
      nowMs,
      { late: plan.late },
    );

  async function faulty<Item, Result>(
    fault: number | undefined,
    items: readonly Item[],
    work: (items: readonly Item[]) => Promise<Result[]>,
    refused: (item: Item) => Result[],
  ): Promise<Result[]> {
    if (fault === undefined || fault % 4 === 0) return work(items);
    if (fault % 4 === 1) throw new Unavailable('before');
    const isRefused = (index: number) => ((fault >> 2) & (1 << (index % 4))) !== 0;
    const done = await work(items.filter((_, index) => !isRefused(index)));
    if (fault % 4 === 2) throw new Unavailable('after');
    return items.flatMap((item, index) => (isRefused(index) ? refused(item) : done.splice(0, 1)));
  }

  function faultyWorld(toCome: readonly number[]): World {
    const own = new World();
    const left = toCome.values();
    const claim = own.identities.claim.bind(own.identities);
    const write = own.pages.write.bind(own.pages);
    const put = own.lanes.putReceipts.bind(own.lanes);
    vi.spyOn(own.identities, 'claim').mockImplementation((claims) =>
      faulty<Claims[number], ClaimResult>(left.next().value, claims, claim, () => [{ outcome: 'undecided' }]),
    );
    vi.spyOn(own.pages, 'write').mockImplementation((all) => {
      if (all.some(({ sk }) => sk.includes('bad'))) throw new TypeError('a bug');
      const writeSome = async (some: readonly Page[]) => [...(await write(some))];
      return faulty(left.next().value, all, writeSome, (page) => [page]);
    });
    vi.spyOn(own.lanes, 'putReceipts').mockImplementation((receipts) =>
      faulty<Receipt, PutResult>(left.next().value, receipts, put, () => ['undecided']),
    );
    allowOneTry(own);
    return own;
  }

  /** As the mapping does: from the first record on that is reported. */
  async function deliver(own: World, records: readonly OutgoingRecord[]): Promise<void> {
    for (let open = records; open.length > 0; ) {
      const { batchItemFailures } = await own.consume(...open);
      const failed = batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier));
      open = failed.length > 0 ? open.slice(Math.min(...failed) - 1) : [];
    }
  }

  it('the first record of a lane that brings an id has it, and no later one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(plans, { minLength: 2, maxLength: 8 }), faults, async (arrived, toCome) => {
        const own = faultyWorld(toCome);

        await deliver(own, arrived.map(sealed));

        const first = new Map<string, string>();
        for (const [index, plan] of arrived.entries())
          for (const id of idsOf(plan, index))
            if (!plan.isBad && !first.has(id)) first.set(id, `by-${index}`);
        const stored = [...own.pages.written.values()].flatMap((page) => page.events);
        expect(new Map(stored.map(({ event_id, type }) => [event_id, type]))).toEqual(first);
        expect(stored).toHaveLength(first.size);
      }),
      { numRuns: 150 },
    );
  });
});
