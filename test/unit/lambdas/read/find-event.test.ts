import { beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../domain/event/digest.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { makeSeed } from '../../../../domain/record/batch-id.ts';
import { makeEventId } from '../../../../domain/record/made-id.ts';
import { dayMs, hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { findEvent } from '../../../../lambdas/read/find-event.ts';
import { event, nowMs } from '../../../support/events.ts';
import { recordOf, tenant, World } from '../consume/fixture.ts';

let world: World;
let reads: string[];
beforeEach(() => {
  world = new World();
  reads = [];
});

async function find(eventId: string, of = tenant) {
  const { identities, pages, lanes, platformKeys, clock } = world;
  const deps = {
    platformKeys,
    clock,
    identities: {
      find: (key: string) => {
        reads.push('claim');
        return identities.find(key);
      },
    },
    pages: {
      read: (range: Parameters<typeof pages.read>[0]) => {
        reads.push('pages');
        return pages.read(range);
      },
    },
    lanes: {
      receipts: (places: Parameters<typeof lanes.receipts>[0]) => {
        reads.push('receipt');
        return lanes.receipts(places);
      },
      counted: (places: Parameters<typeof lanes.counted>[0]) => {
        reads.push('counted');
        return lanes.counted(places);
      },
    },
  };
  return (await findEvent(deps, { tenant: of, retentionDays: 30 }, eventId))?.event;
}

async function made(batch: string, timestamps: readonly number[], receivedAtMs = nowMs) {
  const seed = makeSeed(receivedAtMs, Buffer.from(batch.padEnd(9)));
  const key = await world.platformKeys.current();
  const events = timestamps.map((timestamp, index): AcceptedEvent => {
    const plain = event({ made: ['event_id'], timestamp });
    const place = { seed, part: 0, index, slot: 0, timestamp, retentionDays: 30 };
    return { ...plain, event_id: makeEventId(place, digestOf(plain), tenant, key) };
  });
  const batchId = Buffer.from(seed).toString('base64url');
  return { events, record: recordOf(batchId, events, receivedAtMs) };
}

describe('an event', () => {
  it('with an id of its client is found by three reads, and it is the first with this id', async () => {
    const first = event({ event_id: 'order-1', type: 'first' });
    await world.consume(recordOf('one', [first]));
    await world.consume(recordOf('two', [event({ event_id: 'order-1', type: 'second' })]));

    expect(await find('order-1')).toEqual(first);
    expect(reads).toEqual(['claim', 'pages', 'counted']);
  });

  it.each([
    ['of one second', Array.from({ length: 8 }, (_, index) => nowMs - index)],
    ['of some minutes', Array.from({ length: 8 }, (_, index) => nowMs - index * minuteMs)],
  ])('with an id that was made here is found by three reads, among events %s', async (_, timestamps) => {
    const { events, record } = await made('one', timestamps);
    await world.consume(record);

    for (const each of events) {
      reads = [];
      expect(await find(each.event_id)).toEqual(each);
      expect(reads).toEqual(['claim', 'receipt', 'pages']);
    }
  });

  it('with an id that was made here and is free again is that of its new holder', async () => {
    const { events, record } = await made('one', [nowMs]);
    const [own] = events as [AcceptedEvent];
    await world.consume(record);
    world.clock.nowMs += 31 * dayMs;
    const { made: _, ...again } = { ...own, type: 'again', timestamp: world.clock.nowMs };
    await world.consume(recordOf('two', [again], world.clock.nowMs));

    expect(await find(own.event_id)).toEqual(again);
  });

  it('is not found before it is stored, after its retention, or under another tenant', async () => {
    const { events, record } = await made('one', [nowMs]);
    const [own] = events as [AcceptedEvent];
    expect(await find(own.event_id)).toBeUndefined();
    await world.consume(record, recordOf('two', [event({ event_id: 'order-1' })]));
    const staging = { ...tenant, environment: 'staging' };

    expect(await find(own.event_id, staging)).toBeUndefined();
    expect(await find('order-1', staging)).toBeUndefined();
    world.clock.nowMs += 30 * dayMs + hourMs;
    expect(await find(own.event_id)).toBeUndefined();
    expect(await find('order-1')).toBeUndefined();
  });

  it('that nobody sent costs one read, also with an id that looks as if it was made here', async () => {
    const forged = Buffer.alloc(36, 7).toString('base64url');

    expect(await find('order-2')).toBeUndefined();
    expect(await find(forged)).toBeUndefined();
    expect(reads).toEqual(['claim', 'claim']);
  });
});
