// GET /v1/slo, as its function reads it.

import { expect, it } from 'vitest';
import { MemoryAccountLevels } from '../../../../adapters/service-levels/memory-account-levels.ts';
import type { Receipt } from '../../../../domain/counting/receipt.ts';
import { addUp } from '../../../../domain/service-levels/account-levels.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { readSlo } from '../../../../lambdas/read/slo.ts';
import { nowMs } from '../../../support/events.ts';
import { lane, laneReceipt, lateLane } from '../../../support/lanes.ts';
import { caller } from '../../../support/requests.ts';
import { CountingFixture } from '../counting/fixture.ts';

const { tenant } = lane;
const slow = { storedAtMs: nowMs + 5001 };

async function start(receipts: readonly Receipt[]) {
  const fixture = new CountingFixture();
  const levels = new MemoryAccountLevels();
  await fixture.store.putReceipts(receipts);
  const read = async () => {
    const { windows } = await readSlo(
      { lanes: fixture.store, levels, clock: fixture.clock },
      { ...caller, tenant, mostSlots: 2 },
    );
    return Object.fromEntries((windows[0]?.objectives ?? []).map((each) => [each.name, each]));
  };
  return { fixture, levels, read };
}

it('freshness is the share of records that were stored in time, folded or not', async () => {
  const { fixture, read } = await start([laneReceipt('a'), laneReceipt('b', slow), laneReceipt('c')]);
  const expected = { freshness: { total: 3, bad: 1, actual_percent: 66.6667 } };

  expect(await read()).toMatchObject(expected);
  expect(await foldRun(fixture, lane)).toBe('folded');
  expect(await read()).toMatchObject(expected);
});

it('freshness is of all slots, and of live events only', async () => {
  const { read } = await start([
    laneReceipt('a'),
    laneReceipt('b', { ...slow, lane: { ...lane, slot: 1 } }),
    laneReceipt('c', { ...slow, lane: lateLane }),
  ]);

  expect(await read()).toMatchObject({ freshness: { total: 2, bad: 1 } });
});

it('requests are those of the tenant', async () => {
  const { levels, read } = await start([]);
  const request = { atMs: nowMs, group: 'ingest', outcome: 'failed' } as const;
  const hours = addUp(
    [tenant, { ...tenant, environment: 'staging' }].map((of) => ({ ...request, tenant: of })),
  );
  await levels.add({ digest: 'a', hours }, nowMs);

  expect(await read()).toMatchObject({
    'ingest-availability': { total: 1, bad: 1, actual_percent: 0, met: false },
    freshness: { total: 0, actual_percent: null },
  });
});
