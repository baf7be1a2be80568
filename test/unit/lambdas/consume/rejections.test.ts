// Records of rejections in consume: counted once, beside the events, which they never hold up.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryRejections } from '../../../../adapters/rejections/memory-rejections.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { PartitionUnavailable, Unavailable } from '../../../../domain/system/unavailable.ts';
import { event, nowMs } from '../../../support/events.ts';
import { tenantOf } from '../../../support/lanes.ts';
import { sealedRejections } from '../../../support/rejections.ts';
import { recordOf, tenant, World } from './fixture.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const seed = (name: string) => name.padEnd(20, '-');
const rejected = (name: string, more: Parameters<typeof sealedRejections>[1] = {}) =>
  sealedRejections(seed(name), more);
const valid = (name: string, of = tenant) =>
  recordOf(seed(name), [event({ event_id: name })], nowMs, { tenant: of });
const totalOf = async (of = tenant) => {
  const range = { fromMs: nowMs - hourMs, toMs: nowMs + hourMs };
  const { hours } = await world.rejections.hours(of, range, nowMs);
  return hours.flatMap(({ groups }) => groups).reduce((sum, { count }) => sum + count, 0);
};
const failures = async (...records: Parameters<World['consume']>) =>
  (await world.consume(...records)).batchItemFailures.length;

describe('rejections', () => {
  it('are counted once, and touch nothing of events', async () => {
    expect(await failures(rejected('a'), rejected('a'), rejected('b'))).toBe(0);
    expect(await failures(rejected('b'), rejected('c'))).toBe(0);

    expect(await totalOf()).toBe(3);
    expect(world.lanes.stored.size).toBe(0);
    expect(world.identities.held.size).toBe(0);
    expect(await world.intake()).toMatchObject({ received: 0 });
    expect(world.meter.values(metricNames.freshness)).toEqual([]);
  });

  it('of a batch are counted beside its events, though both begin with the same id', async () => {
    expect(await failures(valid('one'), rejected('one'))).toBe(0);

    expect(await world.total()).toBe(1);
    expect(await totalOf()).toBe(1);
  });

  it('of several accounts stay apart, and those of a deleted one are dropped', async () => {
    const [other, gone] = [tenantOf('other'), tenantOf('gone')];
    world.generations.set('gone', 1);

    await failures(rejected('a'), rejected('b', { tenant: other }), rejected('c', { tenant: gone }));

    expect([await totalOf(), await totalOf(other), await totalOf(gone)]).toEqual([1, 1, 0]);
    expect(world.meter.total(metricNames.droppedRecords)).toBe(1);
  });

  it('that cannot be read are dropped with a metric, and never go to quarantine', async () => {
    const damaged = Buffer.from(rejected('bad').data);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;

    expect(await failures({ ...rejected('bad'), data: damaged }, rejected('good'))).toBe(0);

    expect(await totalOf()).toBe(1);
    expect(world.meter.total(metricNames.lostRejections)).toBe(1);
    expect(world.meter.total(metricNames.quarantinedRecords)).toBe(0);
    expect(world.lanes.stored.size).toBe(0);
  });

  it('that make our own code fail do not hold up the shard', async () => {
    vi.spyOn(world.rejections, 'count').mockRejectedValue(new TypeError('a bug'));

    expect(await failures(rejected('a'), valid('b'))).toBe(0);

    expect(await world.total()).toBe(1);
    expect(world.meter.total(metricNames.lostRejections)).toBe(1);
  });

  it('are held like events while the tables do not answer', async () => {
    const count = MemoryRejections.prototype.count.bind(world.rejections);
    const refusal = new Unavailable('throttled');
    vi.spyOn(world.rejections, 'count').mockRejectedValueOnce(refusal).mockImplementation(count);

    expect(await failures(rejected('a'))).toBe(0);

    expect(await totalOf()).toBe(1);
    expect(world.meter.total(metricNames.heldRecords)).toBe(1);
  });

  it('are reported at the end of the time if the tables never answer', async () => {
    vi.spyOn(world.rejections, 'count').mockRejectedValue(new Unavailable('throttled'));

    expect(await failures(rejected('a'))).toBe(1);
    expect(world.meter.total(metricNames.lostRejections)).toBe(0);
  });

  it('that are refused alone leave the stream, and no event of their account goes with them', async () => {
    vi.spyOn(world.rejections, 'count').mockRejectedValue(new PartitionUnavailable('throttled'));

    expect(await failures(rejected('a'), valid('b'), valid('c', tenantOf('other')))).toBe(0);
    expect(await failures(rejected('d'), valid('e'))).toBe(0);

    expect(await world.deadLettered()).toEqual([[seed('a')], [seed('d')]]);
    expect(await world.total()).toBe(2);
    expect(world.clock.nowMs - nowMs).toBeLessThan(minuteMs);
  });
});
