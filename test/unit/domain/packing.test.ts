import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lateAfterMs, maxHoursPerRecord, packEvents } from '../../../domain/packing.ts';
import { floorTo, hourMs } from '../../../domain/time.ts';
import { anyEvents, event, events, nowMs } from '../../support/events.ts';

it('makes one record of an ordinary batch', () => {
  expect(packEvents(events(500), nowMs)).toHaveLength(1);
});

it('lets late events travel apart', () => {
  const late = event({ event_id: 'late', timestamp: nowMs - lateAfterMs - 1 });

  expect(packEvents([event(), late], nowMs)).toEqual([
    { late: false, events: [event()] },
    { late: true, events: [late] },
  ]);
});

it('loses and doubles nothing, and no record touches more than 32 hours (R2)', () => {
  fc.assert(
    fc.property(anyEvents(), (list) => {
      const packs = packEvents(list, nowMs);

      const ids = packs.flatMap((pack) => pack.events.map(({ event_id }) => event_id));
      expect(ids.toSorted()).toEqual(list.map(({ event_id }) => event_id).toSorted());
      for (const pack of packs) {
        const hours = new Set(pack.events.map(({ timestamp }) => floorTo(timestamp, hourMs)));
        expect(hours.size).toBeLessThanOrEqual(maxHoursPerRecord);
        const isLate = pack.events.map(({ timestamp }) => timestamp < nowMs - lateAfterMs);
        expect(new Set(isLate)).toEqual(new Set([pack.late]));
      }
    }),
  );
});
