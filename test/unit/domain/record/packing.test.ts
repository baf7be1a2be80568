import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxBatchBytes, maxBatchEvents } from '../../../../domain/event/batch.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import type { EncodedBody } from '../../../../domain/record/envelope.ts';
import { maxPackedBytes, packEvents } from '../../../../domain/record/packing.ts';
import { unpackText } from '../../../../domain/system/packed-text.ts';
import { dayMs, floorTo, hourMs } from '../../../../domain/system/time.ts';
import { anyEvents, event, events, nowMs } from '../../../support/events.ts';

const opened = ({ bytes }: EncodedBody): AcceptedEvent[] => JSON.parse(unpackText(bytes).toString());
const pack = (list: readonly AcceptedEvent[], maxBytes?: number) =>
  packEvents(list, nowMs, { ...(maxBytes !== undefined && { maxBytes }) }).map(({ late, body }) => ({
    late,
    body,
    events: opened(body),
  }));

it('packs an ordinary batch into one record', () => {
  expect(packEvents(events(500), nowMs)).toHaveLength(1);
});

it('packs late events into records of their own', () => {
  const late = event({ event_id: 'late', timestamp: nowMs - 24 * hourMs - 1 });

  expect(pack([event(), late])).toMatchObject([
    { late: false, events: [event()] },
    { late: true, events: [late] },
  ]);
});

it('keeps each event once, and no record touches more than 32 hours (R2)', () => {
  fc.assert(
    fc.property(anyEvents(), (list) => {
      const packs = pack(list);

      const ids = packs.flatMap((each) => each.events.map(({ event_id }) => event_id));
      expect(ids.toSorted()).toEqual(list.map(({ event_id }) => event_id).toSorted());
      for (const each of packs) {
        expect(each.body.events).toBe(each.events.length);
        const hours = new Set(each.events.map(({ timestamp }) => floorTo(timestamp, hourMs)));
        expect(hours.size).toBeLessThanOrEqual(32);
        const isLate = each.events.map(({ timestamp }) => timestamp < nowMs - 24 * hourMs);
        expect(new Set(isLate)).toEqual(new Set([each.late]));
      }
    }),
  );
});

it('begins another record at the 33rd hour (R2)', () => {
  // All events are late, so that only the hours split them.
  const spread = (hours: number) =>
    Array.from({ length: hours }, (_, index) =>
      event({ event_id: `e-${index}`, timestamp: nowMs - 2 * dayMs - index * hourMs }),
    );

  expect(pack(spread(32))).toHaveLength(1);
  expect(pack(spread(33)).map(({ events: own }) => own.length)).toEqual([32, 1]);
});

describe('a record is never larger than the stream accepts', () => {
  it('halves a larger one, and keeps every event and the order', () => {
    fc.assert(
      fc.property(anyEvents(), fc.integer({ min: 300, max: 3000 }), (list, maxBytes) => {
        const whole = pack(list);
        const halved = pack(list, maxBytes);

        expect(halved.flatMap((each) => each.events)).toEqual(whole.flatMap((each) => each.events));
        for (const { body } of halved) {
          expect(body.bytes.length <= maxBytes || body.events === 1).toBe(true);
        }
      }),
    );
  });

  const filling = (text: () => unknown): AcceptedEvent[] => {
    const size = Math.floor(maxBatchBytes / maxBatchEvents) - 60;
    return events(maxBatchEvents).map((each) => ({
      ...each,
      metadata: { filling: text(), size },
    }));
  };
  it.each<[string, () => unknown]>([
    ['noise', () => randomBytes(740).toString('base64')],
    ['noise in three bytes a character', () => Array.from({ length: 320 }, randomKanji).join('')],
    [
      'numbers that are stored longer than they were sent',
      () => Array.from({ length: 140 }, randomLongNumber),
    ],
  ])('with the largest batch of %s', (_, text) => {
    const [only, ...more] = packEvents(filling(text), nowMs);

    expect(more).toEqual([]);
    expect(only?.body.bytes.length).toBeLessThanOrEqual(maxPackedBytes);
  });
});

const randomKanji = () => String.fromCharCode(0x4e00 + (randomBytes(2).readUInt16BE() % 0x5000));
/** Sends numbers as `1.2e20`. */
const randomLongNumber = () => (1 + (randomBytes(1)[0] ?? 0) / 100) * 1e20;
