// Rejections that left the stream: counted from a dead letter, and from the quarantine of a release that did not know them.

import { beforeEach, expect, it, vi } from 'vitest';
import { payloadName } from '../../../../domain/keys.ts';
import { readHeader, rejectionsPart } from '../../../../domain/record/envelope.ts';
import { recordId } from '../../../../domain/record/record-id.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { dayMs, hourMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { quarantineRecords } from '../../../../lambdas/storing/quarantine-records.ts';
import { nowMs } from '../../../support/events.ts';
import { sealedRejections } from '../../../support/rejections.ts';
import { arrived, lane, sealed, tenant, World } from './fixture.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const batchId = 'r'.repeat(20);
const { data } = sealedRejections(batchId);
const total = async () => {
  const range = { fromMs: nowMs - hourMs, toMs: nowMs + hourMs };
  const { hours } = await world.rejections.hours(tenant, range, nowMs);
  return hours.flatMap(({ groups }) => groups).reduce((sum, { count }) => sum + count, 0);
};

it('a dead letter is settled once its rejections are counted, each once, beside its events', async () => {
  await world.rejections.count(tenant, [], nowMs);
  for (let time = 0; time < 2; time += 1) {
    await world.putDeadLetter([data, sealed(), data], 'reported');
    await world.settle(arrived);
  }

  expect(await total()).toBe(1);
  expect(await world.receipt()).toMatchObject({ state: 'quarantined', accepted: 5 });
  expect(await world.names()).toEqual([payloadName(tenant, 'b.0')]);
});

it('a dead letter stays while they cannot be counted', async () => {
  await world.putDeadLetter([data], 'reported');
  const count = vi.spyOn(world.rejections, 'count').mockRejectedValue(new Unavailable('throttled'));

  await expect(world.settle(arrived)).rejects.toThrow('throttled');

  count.mockRestore();
  await world.settle(arrived);
  expect(await total()).toBe(1);
  expect(await world.names()).toEqual([]);
});

it('those of what crashed the consumer are dropped, and not opened here', async () => {
  await world.putDeadLetter([data], 'failed');

  await world.settle(arrived);

  expect(await total()).toBe(0);
  expect(world.meter.total(metricNames.lostRejections)).toBe(1);
  expect(await world.names()).toEqual([]);
});

it.each(['replay', 'discard'] as const)(
  'a record that an earlier release put into quarantine has an end by %s',
  async (action) => {
    const cause = { reason: 'newer_version', cause: 'a kind that is not known yet' } as const;
    await quarantineRecords(world.deps(), [{ header: readHeader(data), data, cause }]);
    const record = recordId(batchId, rejectionsPart);
    const request = { action, lane, record, receivedAtMs: nowMs };

    const answer = await world.settle(request);

    expect(answer).toMatchObject({ outcome: action === 'replay' ? 'stored' : 'discarded' });
    expect(await total()).toBe(action === 'replay' ? 1 : 0);
    world.clock.nowMs += dayMs;
    await world.settle({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} });
    expect(await world.names()).toEqual([]);
    const [receipt] = await world.lanes.receipts([{ lane, record, receivedAtMs: nowMs }]);
    expect(receipt).toMatchObject({ accepted: 0, state: action === 'replay' ? 'counted' : 'discarded' });
  },
);
