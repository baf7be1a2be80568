// The records of an invocation go together, and none of them is hurt by another.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { identityKey, type Lane } from '../../../../domain/keys.ts';
import { delivery } from '../../../../domain/record/delivery.ts';
import type { RecordId } from '../../../../domain/record/record-id.ts';
import { recordOfPointer } from '../../../../domain/storing/pages.ts';
import { minuteMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { seededRandom } from '../../../support/clock.ts';
import { event, events, nowMs } from '../../../support/events.ts';
import { lane, lateLane } from '../../../support/lanes.ts';
import { recordOf, tenant, World } from './fixture.ts';

let world: World;
let { identities, pages, lanes, failedRecords, clock, logger } = new World();
let { consume, total, intake, receipt } = new World();
beforeEach(() => {
  world = new World();
  ({ identities, pages, lanes, failedRecords, clock, logger } = world);
  ({ consume, total, intake, receipt } = world);
});

const one = (id: string) => [event({ event_id: id })];
/** By then, a lane that was refused is tried again. */
const untilTriedMs = 5 * minuteMs;
/** Records of a lane that is refused cannot leave the stream. */
const closeBucket = () =>
  vi.spyOn(failedRecords, 'put').mockRejectedValue(new Unavailable('The bucket is unavailable.'));
const failuresOf = async (...records: Parameters<typeof consume>) =>
  (await consume(...records)).batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier));

describe('records of one invocation', () => {
  it('share one claim call, one page write, one put of receipts and one look for their run', async () => {
    const calls = [
      vi.spyOn(identities, 'claim'),
      vi.spyOn(pages, 'write'),
      vi.spyOn(lanes, 'putReceipts'),
      vi.spyOn(lanes, 'lastRun'),
    ];

    await consume(...Array.from({ length: 50 }, (_, index) => recordOf(`b${index}`, one(`e${index}`))));

    for (const call of calls) expect(call).toHaveBeenCalledOnce();
    expect(await total()).toBe(50);
  });

  it('that have an id in common store it once: the first has it, in the others it is a duplicate', async () => {
    const write = vi.spyOn(pages, 'write');

    await consume(
      recordOf('a', [...one('x'), ...one('y')]),
      recordOf('b', [...one('y'), ...one('z')]),
      recordOf('c', one('z')),
    );

    expect(receipt('a')).toMatchObject({ stored: 2, duplicates: 0 });
    expect(receipt('b')).toMatchObject({ stored: 1, duplicates: 1 });
    expect(receipt('c')).toMatchObject({ stored: 0, duplicates: 1 });
    expect(pages.eventIds().toSorted()).toEqual(['x', 'y', 'z']);
    expect(write).toHaveBeenCalledOnce();
  });

  it('that give an id other contents conflict: the first has it', async () => {
    await consume(recordOf('a', one('x')), recordOf('b', [event({ event_id: 'x', type: 'other' })]));

    expect(receipt('a')).toMatchObject({ stored: 1 });
    expect(receipt('b')).toMatchObject({ stored: 0, conflicts: 1 });
    expect([...pages.written.values()].flatMap((page) => page.events)).toMatchObject([{ type: 'page.view' }]);
  });

  it('are opened as many at a time as memory allows', async () => {
    const large = (index: number) =>
      recordOf(`b${index}`, [event({ event_id: `e${index}`, metadata: { text: 'x'.repeat(1_100_000) } })]);
    const claim = vi.spyOn(identities, 'claim');

    await consume(...Array.from({ length: 9 }, (_, index) => large(index)));

    // Each is somewhat larger than a megabyte, and no more are opened past four.
    expect(claim.mock.calls.map(([claims]) => claims.length)).toEqual([4, 4, 1]);
    expect(await total()).toBe(9);
  });

  it('are not begun without time, and reported', async () => {
    const large = (index: number) =>
      recordOf(`b${index}`, [event({ event_id: `e${index}`, metadata: { text: 'x'.repeat(4_300_000) } })]);
    const real = identities.claim.bind(identities);
    const claim = vi.spyOn(identities, 'claim').mockImplementation((claims) => {
      clock.nowMs += delivery.consumeTimeoutSeconds * 1000;
      return real(claims);
    });

    expect(await failuresOf(large(0), large(1))).toEqual([1, 2]);

    expect(claim).toHaveBeenCalledOnce();
    expect(lanes.stored.size).toBe(0);
  });
});

it('a record that there is no time to settle is reported, and settled by the next invocation', async () => {
  const put = lanes.putReceipts.bind(lanes);
  const slow = vi.spyOn(lanes, 'putReceipts').mockImplementation((receipts) => {
    clock.nowMs += (delivery.consumeTimeoutSeconds - 1) * 1000;
    return put(receipts);
  });
  const look = vi.spyOn(lanes, 'lastRun');

  expect(await failuresOf(recordOf('a', one('x')))).toEqual([1]);
  expect(look).not.toHaveBeenCalled();
  slow.mockRestore();

  expect(await failuresOf(recordOf('a', one('x')))).toEqual([]);
  expect(look).toHaveBeenCalledOnce();
  expect(await total()).toBe(1);
});

describe('a record whose', () => {
  const bad: RecordId = 'bad.0';
  const troubles: [string, () => { mockRestore(): void }][] = [
    [
      'claim is not decided',
      () => {
        const claim = identities.claim.bind(identities);
        return vi.spyOn(identities, 'claim').mockImplementation(async (claims) => {
          const taken = await claim(claims.filter(({ record }) => record !== bad));
          return claims.map(({ record }) =>
            record === bad ? { outcome: 'undecided' } : (taken.shift() ?? { outcome: 'undecided' }),
          );
        });
      },
    ],
    [
      'page is not written',
      () => {
        const write = pages.write.bind(pages);
        return vi.spyOn(pages, 'write').mockImplementation(async (all) => {
          const isBad = ({ sk }: { readonly sk: string }) => recordOfPointer(`0#${sk}`) === bad;
          await write(all.filter((page) => !isBad(page)));
          return all.filter(isBad);
        });
      },
    ],
    [
      'receipt is not put',
      () => {
        const put = lanes.putReceipts.bind(lanes);
        return vi.spyOn(lanes, 'putReceipts').mockImplementation(async (receipts) => {
          const taken = await put(receipts.filter(({ record }) => record !== bad));
          return receipts.map(({ record }) =>
            record === bad ? 'undecided' : (taken.shift() ?? 'undecided'),
          );
        });
      },
    ],
  ];

  const records = () => [recordOf('a', one('x')), recordOf('bad', one('y')), recordOf('b', one('z'))];
  const states = () => [receipt('a'), receipt('bad'), receipt('b')].map((each) => each?.state);
  const onlyBadIsOpen = ['counted', undefined, 'counted'];

  it.each(troubles)('%s leaves the stream alone, for the bucket', async (_what, arrange) => {
    arrange();

    expect(await failuresOf(...records())).toEqual([]);

    expect(states()).toEqual(onlyBadIsOpen);
    expect(await world.deadLettered()).toEqual([['bad']]);
  });

  it.each(troubles)(
    '%s stays open alone while the bucket does not take it, and is counted once by a later try',
    async (_what, arrange) => {
      closeBucket();
      const trouble = arrange();

      expect(await failuresOf(...records())).toEqual([2]);
      expect(states()).toEqual(onlyBadIsOpen);
      trouble.mockRestore();
      clock.nowMs += untilTriedMs;
      expect(await failuresOf(...records())).toEqual([]);

      expect(await total()).toBe(3);
      expect(await intake()).toMatchObject({ received: 3, stored: 3, duplicates: 0, quarantined: 0 });
    },
  );

  it('id is also in a record with an undecided claim is stored once, whichever of them has it', async () => {
    const claim = identities.claim.bind(identities);
    const unsure = vi
      .spyOn(identities, 'claim')
      .mockImplementation(async (claims) =>
        claims[0]?.key === identityKey(tenant, 'x') && claims[0].record === 'a.0'
          ? claims.map(() => ({ outcome: 'undecided' }))
          : claim(claims),
      );
    await failuresOf(recordOf('a', one('x')), recordOf('b', one('x')));
    unsure.mockRestore();
    clock.nowMs += untilTriedMs;
    await consume(recordOf('a', one('x')), recordOf('b', one('x')));

    expect(await intake()).toMatchObject({ received: 2, stored: 1, duplicates: 1 });
    expect(pages.eventIds()).toEqual(['x']);
  });
});

it('a record that makes our code fail is quarantined alone', async () => {
  const write = pages.write.bind(pages);
  vi.spyOn(pages, 'write').mockImplementation(async (all) => {
    if (all.some(({ sk }) => recordOfPointer(`0#${sk}`) === 'bad.0')) throw new TypeError('a bug');
    return write(all);
  });

  expect(
    await failuresOf(recordOf('a', one('x')), recordOf('bad', one('y')), recordOf('b', one('z'))),
  ).toEqual([]);

  expect(receipt('bad')).toMatchObject({ state: 'quarantined', reason: 'failed' });
  expect(await intake()).toMatchObject({ received: 3, stored: 2, quarantined: 1 });
  expect(logger.error).toHaveBeenCalledWith(
    'a record makes our own code fail',
    expect.objectContaining({ error: expect.any(TypeError) }),
  );
});

it('a bucket that is unavailable for one record leaves the others counted', async () => {
  vi.spyOn(failedRecords, 'put').mockRejectedValue(new Unavailable('unavailable'));

  expect(
    await failuresOf(recordOf('a', one('x')), recordOf('bad', [null as never]), recordOf('b', one('z'))),
  ).toEqual([2]);

  expect(await intake()).toMatchObject({ received: 2, stored: 2 });
});

describe('a lane that is unavailable', () => {
  const late = { late: true };
  const isLate = ({ late: is }: Lane) => is;
  beforeEach(() => {
    closeBucket();
  });

  it('when its run is looked for leaves the records of others counted', async () => {
    const real = lanes.lastRun.bind(lanes);
    const look = vi
      .spyOn(lanes, 'lastRun')
      .mockImplementation(async (own, before) =>
        isLate(own) ? Promise.reject(new Unavailable('unavailable')) : real(own, before),
      );
    const records = [recordOf('a', one('x')), recordOf('l', one('y'), nowMs, late), recordOf('b', one('z'))];

    expect(await failuresOf(...records)).toEqual([2]);
    expect(await total(lane)).toBe(2);
    look.mockRestore();
    clock.nowMs += untilTriedMs;

    expect(await failuresOf(...records)).toEqual([]);
    expect([await total(lane), await total(lateLane)]).toEqual([2, 1]);
  });

  const calls: [string, () => { mockRestore(): void }][] = [
    [
      'receipts are read',
      () => {
        const real = lanes.receipts.bind(lanes);
        return vi
          .spyOn(lanes, 'receipts')
          .mockImplementation(async (places) =>
            places.some((place) => isLate(place.lane))
              ? Promise.reject(new Unavailable('unavailable'))
              : real(places),
          );
      },
    ],
    [
      'ids are claimed',
      () => {
        const real = identities.claim.bind(identities);
        return vi
          .spyOn(identities, 'claim')
          .mockImplementation(async (claims) =>
            claims.some(({ record }) => record === 'l.0')
              ? Promise.reject(new Unavailable('unavailable'))
              : real(claims),
          );
      },
    ],
    [
      'pages are written',
      () => {
        const real = pages.write.bind(pages);
        return vi
          .spyOn(pages, 'write')
          .mockImplementation(async (all) =>
            all.some(({ sk }) => recordOfPointer(`0#${sk}`) === 'l.0')
              ? Promise.reject(new Unavailable('unavailable'))
              : real(all),
          );
      },
    ],
  ];

  it.each(calls)('when its %s leaves the records of others counted', async (_what, arrange) => {
    const records = [recordOf('a', one('x')), recordOf('l', one('y'), nowMs, late), recordOf('b', one('z'))];
    const trouble = arrange();

    expect(await failuresOf(...records)).toEqual([2]);
    expect(await total(lane)).toBe(2);
    trouble.mockRestore();
    clock.nowMs += untilTriedMs;

    expect(await failuresOf(...records)).toEqual([]);
    expect([await total(lane), await total(lateLane)]).toEqual([2, 1]);
  });

  it.each([
    ['receipts are read', () => vi.spyOn(lanes, 'receipts')],
    ['ids are claimed', () => vi.spyOn(identities, 'claim')],
  ] as const)('like all others when %s makes an attempt no longer than a few calls', async (_what, spy) => {
    const records = Array.from({ length: 60 }, (_, slot) =>
      recordOf(`b${slot}`, one(`e${slot}`), nowMs, { slot }),
    );
    const call = spy().mockImplementation(async () => {
      clock.nowMs += 1000;
      throw new Unavailable('unavailable');
    });
    let calls = 0;
    const sleep = clock.sleep.bind(clock);
    vi.spyOn(clock, 'sleep').mockImplementation(async (ms) => {
      calls = Math.max(calls, call.mock.calls.length);
      call.mockClear();
      return sleep(ms);
    });

    expect(await failuresOf(...records)).toHaveLength(60);
    expect(calls).toBe(1 + 8);
  });

  it('when it counts directly leaves the records of others counted', async () => {
    const real = lanes.commit.bind(lanes);
    const commit = vi
      .spyOn(lanes, 'commit')
      .mockImplementation(async (change) =>
        change.changes.some(({ to }) => isLate(to.lane))
          ? Promise.reject(new Unavailable('unavailable'))
          : real(change),
      );
    const records = [recordOf('large', large), recordOf('l', large.map(renamed), nowMs, late)];

    expect(await failuresOf(...records)).toEqual([2]);
    commit.mockRestore();
    clock.nowMs += untilTriedMs;
    expect(await failuresOf(...records)).toEqual([]);

    expect([await total(lane), await total(lateLane)]).toEqual([500, 500]);
  });
});

const random = seededRandom();
const large = events(500).map((each) => ({
  ...each,
  user_id: Buffer.from(random.bytes(96)).toString('base64url'),
}));
const renamed = (each: (typeof large)[number]) => ({ ...each, event_id: `late-${each.event_id}` });

it('a record with a large delta is counted directly, at once', async () => {
  await consume(recordOf('large', large), recordOf('small', one('x')));

  expect([receipt('large')?.mode, receipt('small')?.mode]).toEqual(['direct', 'plain']);
  expect(receipt('large')).not.toHaveProperty('delta');
  const { documents } = await lanes.documentsBetween(lane, 'hour', 0, Number.MAX_SAFE_INTEGER);
  expect(documents).toHaveLength(1);
  expect(await total()).toBe(501);
});
