import { beforeEach, describe, expect, it, vi } from 'vitest';
import { longestPrincipalAgeMs } from '../../../../domain/accounts/accounts.ts';
import { readHeader } from '../../../../domain/record/envelope.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { KnownGenerations, withoutDeleted } from '../../../../lambdas/storing/deleted-accounts.ts';
import { TestClock } from '../../../support/clock.ts';
import { events } from '../../../support/events.ts';
import { TestMeter } from '../../../support/meter.ts';
import { sealed, tenant } from '../settle/fixture.ts';

let clock: TestClock;
let stored: Map<string, number>;
let reads: string[][];
let isAway: boolean;
let known: KnownGenerations;
let logger = { warn: vi.fn(), info: vi.fn() };
beforeEach(() => {
  clock = new TestClock();
  stored = new Map([['acme', 2]]);
  reads = [];
  isAway = false;
  logger = { warn: vi.fn(), info: vi.fn() };
  const generations = {
    find: async (accounts: readonly string[]) => {
      reads.push([...accounts]);
      if (isAway) throw new Unavailable('away');
      return new Map([...stored].filter(([account]) => accounts.includes(account)));
    },
  };
  known = new KnownGenerations({ generations, clock, logger });
});

const of = async (...accounts: string[]) => Object.fromEntries(await known.of(accounts));

describe('the generation of an account', () => {
  it('is 0 until the account is deleted, and is read once in 30 s, in one call with others', async () => {
    expect(await of('acme', 'other', 'acme')).toEqual({ acme: 2, other: 0 });
    clock.nowMs += longestPrincipalAgeMs - 1;
    expect(await of('other', 'third')).toEqual({ other: 0, third: 0 });
    clock.nowMs += 1;
    stored.set('other', 1);
    expect(await of('other')).toEqual({ other: 1 });

    expect(reads).toEqual([['acme', 'other'], ['third'], ['other']]);
  });

  it('stays what was read while the table is away, which is asked again after 30 s', async () => {
    await of('acme');
    clock.nowMs += longestPrincipalAgeMs;
    isAway = true;

    expect(await of('acme', 'other')).toEqual({ acme: 2, other: 0 });
    expect(await of('acme', 'other')).toEqual({ acme: 2, other: 0 });
    expect(reads).toHaveLength(2);
    expect(logger.warn).toHaveBeenCalledOnce();

    isAway = false;
    stored.set('other', 1);
    clock.nowMs += longestPrincipalAgeMs;
    expect(await of('other')).toEqual({ other: 1 });
  });

  it('is forgotten of those that were read longest ago, past 10,000 accounts', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `account-${index}`);
    await of('acme', ...many);

    await of(...many.slice(-10));
    expect(reads).toHaveLength(1);
    expect(await of('acme')).toEqual({ acme: 2 });
    expect(reads).toHaveLength(2);
  });

  it('is not guessed after an error that is no outage', async () => {
    const broken = { find: () => Promise.reject(new Error('our bug')) };

    await expect(new KnownGenerations({ generations: broken, clock, logger }).of(['acme'])).rejects.toThrow();
  });
});

it('records of an older generation are dropped and counted, and of no other', async () => {
  const meter = new TestMeter();
  const recordOf = (account: string, generation: number) => ({
    header: readHeader(sealed(events(1), { tenant: { ...tenant, account, generation } })),
  });
  const [older, oldest, current, next, other] = [
    recordOf('acme', 1),
    recordOf('acme', 0),
    recordOf('acme', 2),
    // It was created again since the generation was read.
    recordOf('acme', 3),
    recordOf('other', 0),
  ] as const;
  const deps = { generations: known, meter, logger };

  expect(await withoutDeleted(deps, [older, current, next, oldest, other])).toEqual([current, next, other]);
  expect(await withoutDeleted(deps, [])).toEqual([]);

  expect(meter.values(metricNames.droppedRecords)).toEqual([2]);
  expect(logger.info).toHaveBeenCalledWith(
    'records of deleted accounts are dropped',
    expect.objectContaining({ accounts: ['acme'], records: 2 }),
  );
  expect(reads).toHaveLength(1);
});
