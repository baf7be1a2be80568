import { beforeEach, describe, expect, it, vi } from 'vitest';
import { listOf, nextRun } from '../../../../domain/counting/runs.ts';
import { deadLetterPrefix, payloadName, positionAfter } from '../../../../domain/keys.ts';
import { nextReplayAfterMs } from '../../../../domain/quarantine/quarantine.ts';
import { UnreadableEnvelope } from '../../../../domain/record/envelope.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { voidReceipt } from '../../../../domain/storing/origin.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { nowMs } from '../../../support/events.ts';
import {
  arrived,
  damaged,
  deadLetter,
  key,
  lane,
  record,
  sealed,
  tenant,
  World,
  withCalls,
} from './fixture.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const name = payloadName(tenant, record);

describe('a dead letter of consume', () => {
  it('is settled as a dead letter of an outage: its records are in quarantine, and replayed by themselves', async () => {
    const letter = await world.putLaneLetter();

    await world.settle({ ...arrived, detail: { object: { key: letter } } });

    expect(await world.receipt()).toMatchObject({ state: 'quarantined', reason: 'outage', accepted: 5 });
    expect(await world.names()).toEqual([name]);
    expect((await world.jobs()).map(({ kind }) => kind)).toEqual(['replay']);
  });

  it('is removed without any trace if its account was deleted since', async () => {
    const letter = await world.putLaneLetter();
    world.generations.set('acme', 1);

    await world.settle({ ...arrived, detail: { object: { key: letter } } });

    expect(await world.receipt()).toBeUndefined();
    expect(await world.names()).toEqual([]);
    expect(await world.jobs()).toEqual([]);
    expect(world.meter.values(metricNames.droppedRecords)).toEqual([1]);
  });

  it('stays while the tables refuse its lane, whatever call they refuse', async () => {
    const letter = await world.putLaneLetter();
    const task = { ...arrived, detail: { object: { key: letter } } };

    for (const call of ['receipts', 'commit'] as const) {
      const refused = vi.spyOn(world.lanes, call).mockRejectedValue(new Unavailable('throttled'));
      await expect(world.settle(task)).rejects.toThrow('throttled');
      expect(await world.names(deadLetterPrefix)).toEqual([letter]);
      refused.mockRestore();
    }

    await world.settle(task);
    expect(await world.receipt()).toMatchObject({ state: 'quarantined' });
  });

  it('changes nothing of a record that the stream has delivered again meanwhile', async () => {
    const letter = await world.putLaneLetter();
    await world.consume();

    await world.settle({ ...arrived, detail: { object: { key: letter } } });

    expect(await world.receipt()).toMatchObject({ state: 'counted', stored: 5 });
    expect(await world.names()).toEqual([]);
  });
});

describe('a dead letter in the bucket', () => {
  it('is settled: its record is in quarantine with its payload, and the object is gone', async () => {
    await world.putDeadLetter();

    await world.settle(arrived);

    expect(await world.receipt()).toMatchObject({
      state: 'quarantined',
      reason: 'outage',
      accepted: 5,
      stored: 0,
    });
    expect(await world.names()).toEqual([name]);
    expect(await world.failedRecords.get(name)).toEqual(Uint8Array.from(sealed()));
    expect(await world.intake()).toMatchObject({ received: 5, quarantined: 5, stored: 0, imbalance: 0 });
    expect(world.meter.total(metricNames.quarantinedRecords)).toBe(1);
    expect(world.meter.total(metricNames.quarantinedEvents)).toBe(5);
  });

  it('is logged with the account of each record, without its content', async () => {
    await world.putDeadLetter();

    await world.settle(arrived);

    expect(world.logger.error).toHaveBeenCalledExactlyOnceWith('a record is quarantined', {
      request_id: 'request-1',
      ...tenant,
      record,
      events: 5,
      reason: 'outage',
    });
  });

  it.each([
    ['failed', 'crashed', []],
    ['reported', 'outage', ['replay']],
    [undefined, 'outage', ['replay']],
  ] as const)(
    'whose last try was %s has the reason %s, and these jobs: %j',
    async (outcome, reason, kinds) => {
      await world.putDeadLetter([sealed()], outcome);

      await world.settle(arrived);

      expect(await world.entry()).toMatchObject({ reason, attempts: 0 });
      expect((await world.jobs()).map(({ kind }) => kind)).toEqual(kinds);
    },
  );

  it('is replayed first after the first wait', async () => {
    await world.putDeadLetter();

    await world.settle(arrived);

    expect((await world.jobs()).map(({ dueAtMs }) => dueAtMs)).toEqual([
      world.clock.nowMs + (nextReplayAfterMs(0) ?? 0),
    ]);
  });

  it('is settled without opening its records: a body may be what crashed the consumer', async () => {
    await world.putDeadLetter([damaged()], 'failed');

    await world.settle(arrived);

    expect(await world.entry()).toMatchObject({ reason: 'crashed', events: 5 });
    expect(await world.ask('replay')).toMatchObject({ outcome: 'undecodable' });
  });

  it('holds the event as a JSON string, or, as MiniStack writes it, as an object', async () => {
    const { payload, ...rest } = JSON.parse(Buffer.from(deadLetter([sealed()], 'failed')).toString());
    const plain = JSON.stringify({ ...rest, payload: JSON.parse(payload) });
    await world.failedRecords.put(key, Buffer.from(plain));

    await world.settle(arrived);

    expect(await world.receipt()).toMatchObject({ state: 'quarantined', reason: 'crashed' });
  });

  it('of one slot has all its records quarantined in one transaction', async () => {
    const commit = vi.spyOn(world.lanes, 'commit');
    await world.putDeadLetter(
      Array.from({ length: 20 }, (_, index) => sealed(undefined, { batchId: `b${index}` })),
      'reported',
    );

    await world.settle(arrived);

    expect(commit).toHaveBeenCalledOnce();
    expect(await world.jobs()).toHaveLength(20);
    expect(await world.intake()).toMatchObject({ received: 100, quarantined: 100 });
  });

  it('with a record whose header cannot be read keeps it under its sequence number, and counts it', async () => {
    await world.putDeadLetter([Buffer.from('noise'), sealed()]);

    await world.settle(arrived);

    expect(await world.names()).toEqual([name, 'unreadable/1']);
    expect(Buffer.from((await world.failedRecords.get('unreadable/1')) ?? []).toString()).toBe('noise');
    expect(world.logger.error).toHaveBeenCalledWith('a record cannot be read', {
      sequenceNumber: '1',
      error: expect.any(UnreadableEnvelope),
    });
    expect(world.meter.total(metricNames.quarantinedRecords)).toBe(2);
  });

  it('changes nothing of records that have a receipt', async () => {
    await world.consume();
    await world.quarantined('failed', sealed(undefined, { batchId: 'c' }));
    const before = await world.state();
    await world.putDeadLetter([sealed(), sealed(undefined, { batchId: 'c' })]);

    await world.settle(arrived);

    expect(await world.state()).toEqual(before);
    expect(await world.receipt('c')).toMatchObject({ state: 'quarantined', reason: 'failed' });
  });

  it('with a record that was counted, and whose run has passed it by, has it settled: no run would have it (C5)', async () => {
    const deps = world.deps();
    const lastRun = () => Promise.reject(new Unavailable('unavailable'));
    const lanes = withCalls(deps.lanes, { lastRun });
    await expect(world.consume(sealed(), { ...deps, lanes })).rejects.toThrow('unavailable');
    const run = nextRun(lane, undefined, positionAfter(nowMs));
    await world.lanes.announce(run);
    await world.lanes.seal(run, listOf(run, []));
    await world.lanes.markFolded(run, nowMs + dayMs);
    expect(await world.total()).toBe(0);
    await world.putDeadLetter();

    await world.settle(arrived);

    expect(await world.receipt()).toMatchObject({ state: 'counted', mode: 'direct' });
    expect(await world.total()).toBe(5);
    expect(await world.names()).toEqual([]);
  });

  it('with a record whose place is taken as void meanwhile stays, and the next try quarantines it', async () => {
    await world.putDeadLetter();
    const deps = world.deps();
    const id = { ...lane, record, index: 0, receivedAtMs: nowMs, timestamp: nowMs };
    const failedRecords = withCalls(deps.failedRecords, {
      put: async (where, data) => {
        await world.lanes.putReceipts([voidReceipt(tenant, { ...id, retentionDays: 30, keyNumber: 0 })]);
        return world.failedRecords.put(where, data);
      },
    });

    await expect(world.settle(arrived, { ...deps, failedRecords })).rejects.toThrow(Unavailable);

    expect(await world.receipt()).toMatchObject({ state: 'void' });
    expect(await world.names()).toContain(key);
    await world.settle(arrived);
    expect(await world.receipt()).toMatchObject({ state: 'quarantined', wasVoid: true });
    expect(await world.intake()).toMatchObject({ received: 5, quarantined: 5 });
    expect(await world.names()).toEqual([name]);
  });

  it('that holds a record twice quarantines it once', async () => {
    await world.putDeadLetter([sealed(), sealed()]);

    await world.settle(arrived);

    expect(await world.intake()).toMatchObject({ received: 5, quarantined: 5 });
    expect(world.meter.total(metricNames.quarantinedRecords)).toBe(1);
  });

  it('may be gone already, settled by another invocation', async () => {
    await world.settle(arrived);

    expect(await world.names()).toEqual([]);
  });

  it.each([
    ['is not JSON', 'nothing'],
    ['has another shape', '{"requestContext":{}}'],
    ['has a payload of another shape', '{"payload":"{}"}'],
  ])('stays if it %s, and the function fails', async (_what, text) => {
    await world.failedRecords.put(key, Buffer.from(text));

    await expect(world.settle(arrived)).rejects.toMatchObject({ name: 'NotADeadLetter' });
    expect(await world.names()).toEqual([key]);
  });

  it('with one record at fault has the others quarantined, and stays', async () => {
    const other = { account: 'other', environment: 'production', generation: 0 };
    await world.putDeadLetter([sealed(), sealed(undefined, { batchId: 'c', tenant: other })]);
    const deps = world.deps();
    const lanes = withCalls(deps.lanes, {
      documents: async (keys) => {
        if (keys.some(({ lane }) => lane.tenant.account === 'other'))
          throw new RangeError('a damaged document');
        return world.lanes.documents(keys);
      },
    });

    for (let tries = 0; tries < 2; tries += 1)
      await expect(world.settle(arrived, { ...deps, lanes })).rejects.toThrow('a damaged document');

    expect(await world.receipt()).toMatchObject({ state: 'quarantined' });
    expect(await world.names()).toContain(key);
  });

  it('stays for the next try if one of its records cannot be quarantined', async () => {
    await world.putDeadLetter([sealed(), sealed(undefined, { batchId: 'c' })]);
    const deps = world.deps();
    const put = async (where: string, data: Uint8Array) => {
      if (where === name) throw new RangeError('ours');
      return world.failedRecords.put(where, data);
    };
    const failedRecords = { ...deps.failedRecords, put, get: () => world.failedRecords.get(key) };

    await expect(world.settle(arrived, { ...deps, failedRecords })).rejects.toThrow('ours');

    expect(await world.names()).toContain(key);
    await world.settle(arrived);
    expect(await world.receipt()).toMatchObject({ state: 'quarantined' });
    expect(await world.receipt('c')).toMatchObject({ state: 'quarantined' });
    expect(await world.names()).not.toContain(key);
  });
});
