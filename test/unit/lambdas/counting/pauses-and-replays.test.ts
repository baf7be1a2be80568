// Long pauses and late replays: what is counted after its run, its hour and its day were folded.

import { expect, it } from 'vitest';
import { MemoryDays } from '../../../../adapters/documents/memory-days.ts';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import type { Lanes } from '../../../../domain/counting/port.ts';
import { isPlain, type Receipt } from '../../../../domain/counting/receipt.ts';
import { lanesOf } from '../../../../domain/keys.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../../domain/system/time.ts';
import { createConsume } from '../../../../lambdas/consume/consume.ts';
import { countReceipts } from '../../../../lambdas/counting/count-receipts.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { toContext } from '../../../../lambdas/edge/caller.ts';
import type { HttpRequest } from '../../../../lambdas/edge/http.ts';
import { summaryLimits } from '../../../../lambdas/read/read-window.ts';
import { readSummary, readSummaryQuestion } from '../../../../lambdas/read/summary.ts';
import { createSettle } from '../../../../lambdas/settle/settle.ts';
import { event, nowMs } from '../../../support/events.ts';
import { kinesisEvent } from '../../../support/kinesis.ts';
import { lane, laneReceipt } from '../../../support/lanes.ts';
import { silentLogger } from '../../../support/meter.ts';
import { readHoursOf } from '../../../support/read-hours.ts';
import { callerLimits } from '../../../support/requests.ts';
import { recordOf, tenant, World } from '../consume/fixture.ts';
import { CountingFixture } from './fixture.ts';

const at = (seconds: number) => nowMs + seconds * secondMs;

/** Counts a receipt, and does something between two calls. */
async function countWith(
  fixture: CountingFixture,
  receipt: Receipt,
  between: { readonly call: 'putReceipts' | 'lastRun'; readonly work: () => Promise<void> },
): Promise<void> {
  const lanes: Lanes = new Proxy(fixture.store as Lanes, {
    get:
      (target, name: keyof Lanes) =>
      async (...args: readonly unknown[]) => {
        if (name === between.call) await between.work();
        const work = target[name].bind(target) as (...given: readonly unknown[]) => Promise<unknown>;
        return work(...args);
      },
  });
  const [result] = await countReceipts({ ...fixture, lanes }, [{ to: receipt }]);
  expect(result?.outcome).toBe('counted');
}

async function shownIn(fixture: CountingFixture): Promise<number> {
  const { hours } = await readHoursOf({ lanes: fixture.store }, lane);
  return [...hours.values()].reduce((sum, { total }) => sum + total.count, 0);
}

const pauseMs = 20 * minuteMs;

it.each(['putReceipts', 'lastRun'] as const)(
  'a consumer that is paused for 20 minutes before %s, while a fold passes, is counted once',
  async (call) => {
    const fixture = new CountingFixture();
    fixture.clock.nowMs = at(0);
    const paused = laneReceipt('a', { receivedAtMs: at(0), storedAtMs: at(0) });
    // Received later, put earlier: their run covers the position of the paused one.
    const others = ['b', 'c'].map((name, index) =>
      laneReceipt(name, { receivedAtMs: at(1 + index), storedAtMs: at(1 + index) }),
    );
    await fixture.store.putReceipts(others);

    await countWith(fixture, paused, {
      call,
      work: async () => {
        fixture.clock.nowMs = at(0) + pauseMs + hourMs;
        await foldRun(fixture, lane);
      },
    });

    const [run] = [...fixture.store.runs.values()];
    expect(run?.state).toBe('folded');
    const stored = [...fixture.store.stored.values()].find(({ record }) => record === paused.record);
    // Before its put the run has passed it by; after it the run lists it.
    expect(stored && isPlain(stored)).toBe(call === 'lastRun');
    expect(await shownIn(fixture)).toBe(3);
    while ((await foldRun(fixture, lane)) !== 'not due');
    expect(await shownIn(fixture)).toBe(3);
  },
);

it('a record that is replayed after its hour and its day were folded is in the summary, once', async () => {
  const world = new World();
  const days = new MemoryDays(world.lanes);
  const caller = toContext({
    tenant,
    keyId: 'key',
    scopes: ['read'],
    tier: 'standard',
    stream: 'standard',
    slots: [0],
    mostSlots: 1,
    retentionDays: 30,
    ...callerLimits,
  });
  const total = async () => {
    const request = {
      multiValueQueryStringParameters: { window: ['7d'] },
      requestContext: { authorizer: caller },
    };
    const deps = {
      lanes: world.lanes,
      days,
      eventUse: new MemoryUse(),
      clock: world.clock,
      logger: silentLogger,
      summaryLimits,
    };
    return (
      await readSummary(deps, readSummaryQuestion(request as unknown as HttpRequest, world.clock.now()))
    ).total;
  };
  const foldedDays = async () =>
    (await days.stored('day', tenant, 1, 0, world.clock.nowMs, world.clock.nowMs)).filter(
      ({ isCurrent }) => isCurrent,
    ).length;
  const broken = { write: async () => Promise.reject(new Error('a bug')), remove: world.pages.remove };
  const failing = createConsume({ ...world.deps(), pages: broken });
  await failing(kinesisEvent([recordOf('a', [event({ event_id: '1' })], at(0))]), () => 900_000);
  await world.consume(
    recordOf('b', [event({ event_id: '2' })], at(30)),
    recordOf('c', [event({ event_id: '3' })], at(60)),
  );

  world.clock.nowMs = nowMs + 2 * dayMs;
  for (const each of lanesOf(tenant, 1)) while ((await foldRun(world.deps(), each)) !== 'not due');
  expect(await total()).toBe(2);
  expect(await foldedDays()).toBe(1);

  const entry = (await Array.fromAsync(world.lanes.quarantine.newest(tenant)))[0] ?? expect.fail();
  const { record, receivedAtMs } = entry;
  const settle = createSettle({
    ...world.deps(),
    logger: silentLogger,
    identities: world.identities,
    failedRecords: world.failedRecords,
    quarantine: world.lanes.quarantine,
  });
  const answer = await settle({ action: 'replay', lane, record, receivedAtMs }, () => 300_000);

  expect(answer).toMatchObject({ outcome: 'stored', stored: 1 });
  expect(await foldedDays()).toBe(0);
  expect(await total()).toBe(3);
  expect(await foldedDays()).toBe(1);
  expect(await total()).toBe(3);
});
