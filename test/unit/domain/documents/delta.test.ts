import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Deltas,
  deltasFromBytes,
  deltasOf,
  deltasToBytes,
  insertDeltas,
} from '../../../../domain/documents/delta.ts';
import { emptyHour, type HourCounts } from '../../../../domain/documents/hour.ts';
import { floorTo, hourMs } from '../../../../domain/system/time.ts';
import { anyEvents, event, events, fixtureEvents, nowMs } from '../../../support/events.ts';

const hour = floorTo(nowMs, hourMs);

/** The hours of all deltas, each inserted by itself. */
function counted(parts: readonly Deltas[]): Map<number, HourCounts> {
  const hours = new Map<number, HourCounts>();
  for (const [at, delta] of parts.flatMap((deltas) => [...deltas])) {
    const counts = hours.get(at) ?? emptyHour();
    hours.set(at, counts);
    insertDeltas(counts, [delta]);
  }
  return hours;
}
const insertedAtOnce = (parts: readonly Deltas[], at: number): HourCounts => {
  const counts = emptyHour();
  insertDeltas(
    counts,
    parts.flatMap((deltas) => deltas.get(at) ?? []),
  );
  return counts;
};

describe('the deltas of records', () => {
  it('add up to the same hours, however events are parted into records', () => {
    fc.assert(
      fc.property(
        anyEvents(60),
        fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 40 }),
        (list, recordOf) => {
          const records = Map.groupBy(list, (_, index) => recordOf[index % recordOf.length] ?? 0);
          const parts = [...records.values()].map(deltasOf);
          const whole = deltasOf(list);

          const hours = counted(parts);

          expect(hours).toEqual(counted([whole]));
          expect(counted(parts.toReversed())).toEqual(hours);
          for (const at of whole.keys()) expect(insertedAtOnce(parts, at)).toEqual(hours.get(at));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are of the hours of their events, with the sum, the least and the greatest value of each name', () => {
    const deltas = deltasOf([
      event({ service: 'shop', value: 0.1, user_id: 'ann' }),
      event({ service: 'shop', value: 0.2, user_id: 'ann' }),
      event({ service: 'shop', value: -0.000001 }),
      event({ service: 'shop', type: 'login' }),
      event({ timestamp: nowMs - hourMs }),
    ]);

    const views = { count: 3, values: { count: 3, sum: 299_999n, least: -1n, greatest: 200_000n } };
    const all = { ...views, count: 4 };
    expect([...deltas.keys()]).toEqual([hour, hour - hourMs]);
    expect(deltas.get(hour)).toMatchObject({
      total: all,
      byType: new Map<string, unknown>([
        ['page.view', views],
        ['login', { count: 1 }],
      ]),
      byService: new Map([['shop', all]]),
      byUser: new Map([['ann', 2]]),
    });
  });

  it('inserted at once raise the error of top users once', () => {
    const crowd = (from: number) =>
      deltasOf(events(600).map((each, index) => ({ ...each, user_id: `user-${from + index}` })));
    const parts = [crowd(0), crowd(600), crowd(1200)];

    expect(counted(parts).get(hour)?.topUsers.error).toBe(3);
    expect(insertedAtOnce(parts, hour).topUsers.error).toBe(1);
  });
});

describe('the bytes of deltas', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyEvents(), (list) => {
        const deltas = deltasOf(list);

        expect(deltasFromBytes(deltasToBytes(deltas))).toEqual(deltas);
      }),
    );
  });

  it('are read as format 1 was written first', () => {
    const bytes = Buffer.from(
      'KLUv/WAOAH0FACQJW1s0OTg2ODIsWzUsMSwwMSwxXSxbIm9yZGVyIiwiMiAyIC03bGllZXh6a21veTh3ajVj' +
        'MCBid2dkcyIsIl9fcHJvdG9fXyJzaG9wd2ViQVpmbG9tOExmQjJiUGxwL0FNVFNIZz09IixbIsOp4oKs8J2E' +
        'niJdLFsyLDFdXV0sMCxbMjVsb2dpbiIsW10sW11dXV0JADIBQDh0j0OD+Q3INRsIYQhDwAMxC1KPqwM=',
      'base64',
    );

    expect(deltasFromBytes(bytes)).toEqual(deltasOf(fixtureEvents));
  });

  it('take 18 bytes for each user with a UUID', () => {
    const crowd = events(100, { service: 'web' }).map((each) => ({ ...each, user_id: randomUUID() }));

    expect(deltasToBytes(deltasOf(crowd)).length).toBeLessThan(1_800);
  });
});
