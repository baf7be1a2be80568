import { describe, expect, it } from 'vitest';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import type { Lanes } from '../../../../domain/counting/port.ts';
import { placeOf, type Receipt } from '../../../../domain/counting/receipt.ts';
import { emptyDocument } from '../../../../domain/documents/documents.ts';
import { hourFromFields } from '../../../../domain/documents/hour-wire.ts';
import { intakeFromFields } from '../../../../domain/documents/intake.ts';
import { receivedAtOfPosition } from '../../../../domain/keys.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { floorTo, hourMs, secondMs } from '../../../../domain/system/time.ts';
import { foldRun, foldRuns } from '../../../../lambdas/counting/fold-run.ts';
import { nowMs } from '../../../support/events.ts';
import { lane, laneReceipt, lateLane } from '../../../support/lanes.ts';
import { CountingFixture } from './fixture.ts';

const eventHour = floorTo(nowMs - 2 * hourMs, hourMs);
const receipts = ['a', 'b', 'c'].map((record) => laneReceipt(record));
const broken = laneReceipt('x', { delta: new Uint8Array([1, 2, 3]) });

async function fixtureWith(put: readonly Receipt[]): Promise<CountingFixture> {
  const fixture = new CountingFixture();
  await fixture.store.putReceipts(put);
  return fixture;
}
async function totalsOf({ store }: CountingFixture) {
  const [hour] = (await store.documentsBetween(lane, 'hour', 0, nowMs)).documents;
  const [intake] = (await store.documentsBetween(lane, 'intake', 0, nowMs)).documents;
  return [hourFromFields(hour?.fields ?? {}).total.count, intakeFromFields(intake?.fields ?? {}).stored];
}

describe('a fold', () => {
  it('adds all receipts of the run to its documents, and marks the run', async () => {
    const fixture = await fixtureWith(receipts);

    expect(await foldRun(fixture, lane)).toBe('folded');

    expect(await totalsOf(fixture)).toEqual([3, 3]);
    const to = placeOf(laneReceipt('c'));
    expect(await fixture.store.lastRun(lane)).toMatchObject({ start: '', to, state: 'folded' });
    const { documents } = await fixture.store.documentsBetween(lane, 'hour', 0, nowMs);
    expect(documents.map(({ foldedTo }) => foldedTo)).toEqual([to]);
  });

  it('does nothing while no run is due', async () => {
    const fixture = await fixtureWith(receipts);
    await foldRun(fixture, lane);

    expect(await foldRun(fixture, lane)).toBe('not due');
    expect(await totalsOf(fixture)).toEqual([3, 3]);
  });

  it('says that another run may be due after a full one', async () => {
    const fixture = await fixtureWith(receipts);
    const limits = { ...fixture.limits, receipts: 2 };

    expect(await foldRun({ ...fixture, lanes: fixture.lanes, limits }, lane)).toBe('folded, full');
    expect(await foldRun({ ...fixture, lanes: fixture.lanes, limits }, lane)).toBe('folded');
    expect(await totalsOf(fixture)).toEqual([3, 3]);
  });

  it('makes six calls and one for each document', async () => {
    const fixture = await fixtureWith(receipts.slice(0, 2));

    await foldRun(fixture, lane);

    expect(fixture.calls).toEqual([
      ...['lastRun', 'tail', 'announce', 'listOf', 'tail', 'seal', 'listOf', 'documents'],
      ...['putDocument', 'putDocument', 'markFolded'],
    ]);
  });

  it('leaves the run before it to expire, and not its own', async () => {
    const fixture = await fixtureWith(receipts);
    await foldRun(fixture, lane);
    expect(fixture.store.expiring.size).toBe(0);
    await fixture.store.putReceipts([laneReceipt('d')]);

    await foldRun(fixture, lane);

    const [first] = fixture.store.runs.keys();
    expect([...fixture.store.expiring.keys()]).toEqual([first]);
    expect([...fixture.store.expiring.values()][0]).toBeGreaterThan(laneReceipt('a').expiresAtMs);
  });

  it('puts a document again that another function has changed', async () => {
    const fixture = await fixtureWith(receipts);
    const key = { lane, kind: 'hour', hourMs: eventHour } as const;
    let isChanged = false;
    const lanes = new Proxy(fixture.store, {
      get: (target, name: keyof Lanes) => {
        if (name === 'putDocument' && !isChanged) {
          isChanged = true;
          return async () => !(await target.putDocument(emptyDocument(key)));
        }
        return target[name].bind(target);
      },
    });

    await foldRun({ ...fixture, lanes }, lane);

    expect(await totalsOf(fixture)).toEqual([3, 3]);
  });
});

describe('a fold that ends early is finished by the next one', () => {
  const calls = Array.from({ length: 13 }, (_, call) => call);

  it.each(calls)('after call %i', async (call) => {
    const fixture = await fixtureWith(receipts);
    fixture.endsAfter = call;
    await foldRun(fixture, lane).catch(() => {});
    fixture.endsAfter = Number.POSITIVE_INFINITY;

    await foldRun(fixture, lane);
    await foldRun(fixture, lane);

    expect(await totalsOf(fixture)).toEqual([3, 3]);
    expect(await fixture.store.lastRun(lane)).toMatchObject({ state: 'folded' });
  });

  it.each(calls)('before call %i', async (call) => {
    const fixture = await fixtureWith(receipts);
    fixture.endsBefore = call;
    await foldRun(fixture, lane).catch(() => {});
    fixture.endsBefore = Number.POSITIVE_INFINITY;

    await foldRun(fixture, lane);

    expect(await totalsOf(fixture)).toEqual([3, 3]);
    expect(fixture.store.runs.size).toBe(1);
  });
});

describe('a receipt that cannot be applied', () => {
  it('is left out after an hour of failures, and then stops no run', async () => {
    const fixture = await fixtureWith([...receipts, broken]);

    await expect(foldRun(fixture, lane)).rejects.toThrow();
    fixture.clock.nowMs += hourMs - 1;
    await expect(foldRun(fixture, lane)).rejects.toThrow();
    expect(await totalsOf(fixture)).toEqual([0, 0]);
    fixture.clock.nowMs += 1;
    expect(await foldRun(fixture, lane)).toBe('folded');

    expect(await totalsOf(fixture)).toEqual([3, 3]);
    expect(await fixture.store.lastRun(lane)).toMatchObject({ state: 'folded', leftOut: [placeOf(broken)] });
    expect(fixture.meter.total(metricNames.leftOutRecords)).toBe(1);
  });

  it('stays left out when its fold ends early', async () => {
    const fixture = await fixtureWith([...receipts, broken]);
    await foldRun(fixture, lane).catch(() => {});
    fixture.clock.nowMs += hourMs;
    const before = fixture.calls.length;
    fixture.endsAfter = before + ['lastRun', 'listOf', 'tail', 'tail', 'noteFailure', 'leaveOut'].length - 1;
    await foldRun(fixture, lane).catch(() => {});
    fixture.endsAfter = Number.POSITIVE_INFINITY;
    expect(fixture.calls.at(-1)).toBe('leaveOut');

    expect(await foldRun(fixture, lane)).toBe('folded');

    expect(await totalsOf(fixture)).toEqual([3, 3]);
    expect(fixture.calls.filter((name) => name === 'noteFailure')).toHaveLength(2);
    // No later fold would see it: the metric was published before.
    expect(fixture.meter.total(metricNames.leftOutRecords)).toBe(1);
    expect(fixture.meter.published).toBe(1);
  });

  it('is never left out together with many: then our code is at fault, and is mended', async () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ ...broken, record: `x${index}.0` as const }));
    const fixture = await fixtureWith([...receipts, ...many]);
    await expect(foldRun(fixture, lane)).rejects.toThrow();
    fixture.clock.nowMs += 50 * hourMs;

    await expect(foldRun(fixture, lane)).rejects.toThrow();

    expect(fixture.meter.total(metricNames.leftOutRecords)).toBe(0);
    expect(await fixture.store.lastRun(lane)).toMatchObject({ leftOut: [] });
  });

  it('does not stop the runs of other lanes', async () => {
    const late = laneReceipt('l', { lane: lateLane });
    const fixture = await fixtureWith([broken, late]);

    expect(await foldRuns(fixture, [{ lane }, { lane: lateLane }])).toEqual([]);

    expect(await fixture.store.lastRun(lateLane)).toMatchObject({ state: 'folded' });
  });
});

it('an outage fails no run for ever: it is not counted as a failure of receipts', async () => {
  const fixture = await fixtureWith(receipts);
  for (let outage = 0; outage < 5; outage += 1) {
    fixture.endsBefore = fixture.calls.length + 4;
    await foldRuns(fixture, [{ lane }]);
  }
  fixture.endsBefore = Number.POSITIVE_INFINITY;

  expect(await foldRun(fixture, lane)).toBe('folded');
  expect(await totalsOf(fixture)).toEqual([3, 3]);
  expect(fixture.calls).not.toContain('noteFailure');
});

it('a run ends before the oldest record that the caller is working on', async () => {
  const fixture = new CountingFixture();
  const [first, second, third] = ['a', 'b', 'c'].map((record, index) =>
    laneReceipt(record, { receivedAtMs: nowMs + index * 1000 }),
  ) as [Receipt, Receipt, Receipt];
  await fixture.store.putReceipts([first, second, third]);

  expect(await foldRuns(fixture, [{ lane, low: placeOf(second) }])).toEqual([]);

  const run = await fixture.store.lastRun(lane);
  expect(run?.state).toBe('folded');
  expect(run && run.to >= placeOf(first) && run.to < placeOf(second)).toBe(true);
  expect(await totalsOf(fixture)).toEqual([1, 1]);
});

it('a lane whose invocations each bring more deltas than make a run due does not fall behind', async () => {
  const [{ delta } = laneReceipt('a')] = receipts;
  const limits = { receipts: 256, deltaBytes: 8 * (delta?.length ?? 0) };
  const [fixture, lanes] = [new CountingFixture(), new MemoryLanes(1000)];
  const seconds = 40;
  for (let second = 0; second < seconds; second += 1) {
    const receivedAtMs = nowMs + second * secondMs;
    fixture.clock.nowMs = receivedAtMs;
    const some = Array.from({ length: 20 }, (_, index) =>
      laneReceipt(`r${second}-${index}`, { receivedAtMs, storedAtMs: receivedAtMs, delta }),
    );
    await lanes.putReceipts(some);
    await foldRun({ ...fixture, lanes, limits }, lane);
  }

  const last = await lanes.lastRun(lane);
  expect(receivedAtOfPosition(last?.to ?? '')).toBeGreaterThan(nowMs + (seconds - 20) * secondMs);
});
