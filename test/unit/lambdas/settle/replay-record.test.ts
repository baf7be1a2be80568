import { beforeEach, describe, expect, it } from 'vitest';
import { payloadName } from '../../../../domain/keys.ts';
import { replayLeaseMs } from '../../../../domain/quarantine/quarantine.ts';
import { decodeEnvelope, type UnreadableEnvelope } from '../../../../domain/record/envelope.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { quarantineRecords } from '../../../../lambdas/storing/quarantine-records.ts';
import { events } from '../../../support/events.ts';
import { damaged, poison, record, sealed, tenant, tick, World, withCalls } from './fixture.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const name = payloadName(tenant, record);
const unavailable = () => Promise.reject(new Unavailable('unavailable'));

describe('a replay', () => {
  it('stores and counts the record, which leaves quarantine', async () => {
    await world.quarantined();

    expect(await world.ask('replay')).toEqual({ outcome: 'stored', stored: 5, duplicates: 0, conflicts: 0 });

    expect(await world.state()).toMatchObject({
      receipt: { state: 'counted', stored: 5 },
      total: 5,
      intake: { received: 5, stored: 5, quarantined: 0, imbalance: 0 },
      events: events(5).map(({ event_id }) => event_id),
      inList: false,
      bucket: [],
    });
    expect(world.meter.total(metricNames.replayedRecords)).toBe(1);
    expect(world.meter.total(metricNames.storedEvents)).toBe(5);
    expect(world.meter.values(metricNames.freshness)).toEqual([]);
  });

  it('stores nothing of an account that was deleted since, asked for or by itself', async () => {
    await world.quarantined('outage');
    world.generations.set('acme', 1);

    expect(await world.ask('replay')).toEqual({ outcome: 'not_in_quarantine' });
    world.clock.nowMs += dayMs;
    expect(await world.settle(tick)).toMatchObject({ jobs: { done: 1, failed: 0 } });

    expect(await world.receipt()).toMatchObject({ state: 'quarantined' });
    expect(world.pages.eventIds()).toEqual([]);
    expect(world.identities.held.size).toBe(0);
    expect(await world.jobs()).toEqual([]);
    expect(world.meter.values(metricNames.droppedRecords)).toEqual([1, 1]);
    // The payload goes when its time is over, as before.
    expect(await world.names()).toEqual([name]);
  });

  it('finishes an earlier try: claims and pages of that try belong to the record', async () => {
    const deps = world.deps();
    await expect(
      world.consume(sealed(), {
        ...deps,
        lanes: withCalls(deps.lanes, { putReceipts: unavailable }),
      }),
    ).rejects.toThrow('unavailable');
    expect(world.pages.eventIds()).toHaveLength(5);
    await world.quarantined('outage');

    expect(await world.ask('replay')).toMatchObject({ stored: 5, duplicates: 0 });

    expect(world.pages.eventIds()).toHaveLength(5);
    expect(await world.total()).toBe(5);
  });

  it('counts events that are duplicates or conflicts by now', async () => {
    await world.quarantined();
    const [first, second] = events(2);
    const others = [first, { ...second, type: 'another' }] as ReturnType<typeof events>;
    await world.consume(sealed(others, { batchId: 'earlier' }));

    expect(await world.ask('replay')).toEqual({ outcome: 'stored', stored: 3, duplicates: 1, conflicts: 1 });
    expect(world.meter.total(metricNames.duplicateEvents)).toBe(1);
    expect(world.meter.total(metricNames.conflictingEvents)).toBe(1);
    expect(await world.intake()).toMatchObject({ received: 7, stored: 5, imbalance: 0 });
  });

  it('stores nothing if the payload is of another record', async () => {
    await world.quarantined();
    const zeta = { ...tenant, account: 'zeta' };
    await world.failedRecords.put(payloadName(tenant, record), sealed(events(5), { tenant: zeta }));

    expect(await world.ask('replay')).toMatchObject({ outcome: 'undecodable' });

    expect(world.pages.eventIds()).toEqual([]);
    expect(world.identities.held.size).toBe(0);
  });

  it('twice is counted once', async () => {
    await world.quarantined();

    await world.ask('replay');
    expect(await world.ask('replay')).toEqual({ outcome: 'not_in_quarantine' });

    expect(await world.total()).toBe(5);
  });

  it.each([
    ['never was in quarantine', async () => {}],
    ['is counted', () => world.consume()],
    [
      'is discarded',
      async () => {
        await world.quarantined();
        await world.ask('discard');
      },
    ],
  ])('of a record that %s does nothing', async (_what, prepare) => {
    await prepare();
    const total = await world.total();

    expect(await world.ask('replay')).toEqual({ outcome: 'not_in_quarantine' });
    expect(await world.total()).toBe(total);
  });

  it('is busy while another replay holds the lease, until it expires', async () => {
    await world.quarantined();
    const entry = await world.entry();
    if (entry) await world.quarantine.lease(entry, world.clock.nowMs, world.clock.nowMs + replayLeaseMs);

    expect(await world.ask('replay')).toEqual({ outcome: 'busy' });
    world.clock.nowMs += replayLeaseMs;
    expect(await world.ask('replay')).toMatchObject({ outcome: 'stored' });
  });

  it('counts as an attempt', async () => {
    await world.quarantined();
    await world.failedRecords.remove(name);

    expect(await world.ask('replay')).toEqual({ outcome: 'payload_gone' });
    expect(await world.ask('replay')).toEqual({ outcome: 'payload_gone' });

    expect(await world.entry()).toMatchObject({ attempts: 2, leaseUntilMs: 0 });
  });

  it('of a record that cannot be decoded leaves it where it is', async () => {
    const data = damaged();
    try {
      decodeEnvelope(data);
    } catch (error) {
      const { header } = error as UnreadableEnvelope;
      if (header) await quarantineRecords(world.deps(), [{ header, data, cause: { reason: 'undecodable' } }]);
    }

    expect(await world.ask('replay')).toEqual({
      outcome: 'undecodable',
      cause: expect.stringContaining('the checksum does not match'),
    });
    expect(await world.state()).toMatchObject({
      receipt: { state: 'quarantined' },
      inList: true,
      bucket: [name],
    });
  });

  it('that fails in our own code leaves the record where it is, and names only the kind of error', async () => {
    await world.quarantined('failed', poison());

    expect(await world.ask('replay')).toEqual({ outcome: 'failed', cause: 'TypeError' });

    expect(await world.entry()).toMatchObject({ attempts: 1, leaseUntilMs: 0 });
    expect(await world.state()).toMatchObject({ receipt: { state: 'quarantined' }, bucket: [name] });
    expect(world.logger.error).toHaveBeenCalledWith(
      'a record makes our own code fail',
      expect.objectContaining({ request_id: 'request-1', ...tenant, record, error: expect.any(TypeError) }),
    );
  });

  it('answers unavailable and releases the lease while a dependency is unavailable', async () => {
    await world.quarantined();
    const deps = world.deps();

    const answer = await world.ask('replay', {
      ...deps,
      identities: { claim: unavailable, release: unavailable },
    });

    expect(answer).toEqual({ outcome: 'unavailable' });

    expect(await world.entry()).toMatchObject({ attempts: 1, leaseUntilMs: 0 });
  });

  it('succeeds even if the payload could not be removed', async () => {
    await world.quarantined();
    const deps = world.deps();
    const failedRecords = {
      ...deps.failedRecords,
      get: () => world.failedRecords.get(name),
      remove: unavailable,
    };

    expect(await world.ask('replay', { ...deps, failedRecords })).toMatchObject({ outcome: 'stored' });
    expect(world.logger.warn).toHaveBeenCalledWith(expect.stringContaining('expire'), expect.anything());
  });
});
