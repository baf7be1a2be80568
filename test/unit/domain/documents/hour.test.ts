import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noUsers, usersToText } from '../../../../domain/documents/distinct-users.ts';
import { fieldBytes } from '../../../../domain/documents/documents.ts';
import {
  emptyHour,
  type HourCounts,
  hourFromFields,
  hourToFields,
  insertEvents,
  mergeHours,
} from '../../../../domain/documents/hour.ts';
import { otherName } from '../../../../domain/documents/names.ts';
import {
  listBytes,
  maxDocumentBytes,
  maxNamesBytes,
  maxUsersBytes,
} from '../../../../domain/documents/size-limits.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { seededRandom } from '../../../support/clock.ts';
import { anyEvents, event, events } from '../../../support/events.ts';

const counted = (...batches: (readonly AcceptedEvent[])[]): HourCounts => {
  const hour = emptyHour();
  for (const batch of batches) insertEvents(hour, batch);
  return hour;
};
const sorted = (counts: ReadonlyMap<string, number>) => [...counts].toSorted();
const plain = ({ total, byType, byService, topUsers, distinctUsers }: HourCounts) => ({
  total,
  byType: sorted(byType),
  byService: sorted(byService),
  topUsers: { counts: sorted(topUsers.counts), error: topUsers.error },
  distinctUsers,
});
const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0);

describe('hour documents', () => {
  it('merge to the same result in any order and grouping', () => {
    fc.assert(
      fc.property(anyEvents(), anyEvents(), anyEvents(), (a, b, c) => {
        const [x, y, z] = [counted(a), counted(b), counted(c)];

        const together = plain(counted([...a, ...b, ...c]));

        expect(plain(mergeHours([x, y, z]))).toEqual(together);
        expect(plain(mergeHours([z, mergeHours([y, x])]))).toEqual(together);
      }),
    );
  });

  it('merge to the same totals in any order when they are past every cap', () => {
    const past = (seed: number) => counted(hostile(3000, 1 + (seed % 40), seed));
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (a, b, c) => {
        const [x, y, z] = [past(a), past(b), past(c)];

        const merged = mergeHours([x, y, z]);

        expect(plain(mergeHours([z, mergeHours([y, x])]))).toEqual(plain(merged));
        expect(merged.total).toBe(9000);
        expect([sum(merged.byType), sum(merged.byService)]).toEqual([9000, 9000]);
      }),
      { numRuns: 4 },
    );
  });

  it('are read from their fields as they were written', () => {
    fc.assert(
      fc.property(anyEvents(), (list) => {
        const hour = counted(list);
        expect(hourFromFields(hourToFields(hour))).toEqual(hour);
      }),
    );
  });

  it('count a type named like a property of prototypes as any other', () => {
    expect(counted([event({ type: '__proto__' })]).byType.get('__proto__')).toBe(1);
  });

  it('count only events with a user among the users', () => {
    const { topUsers, distinctUsers } = counted([event(), event({ user_id: 'ann' })]);

    expect([...topUsers.counts]).toEqual([['ann', 1]]);
    expect(distinctUsers.filter((rank) => rank > 0)).toHaveLength(1);
  });

  it('of format 1, without users, are read: any user may have sent all events', () => {
    const wire = { total: 7, types: [['order', 7]], services: [['web', 2]] };
    const hour = hourFromFields({ format: 1, body: zstdCompressSync(JSON.stringify(wire)) });

    insertEvents(hour, events(2, { user_id: 'ann' }));

    expect(hour).toMatchObject({ total: 9, topUsers: { counts: new Map([['ann', 2]]), error: 7 } });
    expect(hourFromFields(hourToFields(hour))).toEqual(hour);
  });

  it('are small if there are few users', () => {
    const fifty = events(500).map((each, index) => ({ ...each, user_id: `user-${index % 50}` }));

    expect(fieldBytes(hourToFields(counted(fifty)))).toBeLessThan(700);
  });

  it('lose no name in merging, because caps apply on insertion only', () => {
    const many = (prefix: string) =>
      counted(Array.from({ length: 200 }, (_, index) => event({ type: `${prefix}${index}` })));

    expect(mergeHours([many('a'), many('b')]).byType.size).toBe(400);
  });
});

/** Names of random characters: short and long, of one to four bytes, and such as JSON escapes. */
function hostile(count: number, length: number, seed: number): AcceptedEvent[] {
  const random = seededRandom(seed);
  const ofCode = [
    (byte: number) => String.fromCharCode(byte % 32),
    (byte: number) => String.fromCharCode(33 + (byte % 90)),
    (byte: number) => String.fromCodePoint(0x10000 + byte * 257),
  ];
  const text = (most: number) => {
    const write = ofCode[seed % 3] ?? String.fromCharCode;
    return Array.from(random.bytes(1 + (length % most)), write).join('');
  };
  return Array.from({ length: count }, (_, index) =>
    event({
      event_id: `e-${index}`,
      type: Buffer.from(random.bytes(1 + Math.floor((length % 64) * 0.7))).toString('base64url'),
      service: text(128),
      user_id: text(255),
    }),
  );
}

describe('caps', () => {
  it('hold on insertion whatever the names are: under 64 KB, past them (other), and the total is complete', () => {
    fc.assert(
      fc.property(fc.nat({ max: 254 }), fc.nat(), fc.integer({ min: 1, max: 4 }), (length, seed, batches) => {
        const hour = counted(
          ...Array.from({ length: batches }, (_, b) => hostile(700, length, seed + 3 * b)),
        );

        expect(fieldBytes(hourToFields(hour))).toBeLessThanOrEqual(maxDocumentBytes);
        expect(hour.total).toBe(700 * batches);
        expect([sum(hour.byType), sum(hour.byService)]).toEqual([hour.total, hour.total]);
      }),
      { numRuns: 25 },
    );
  });

  it('hold uncompressed, so that names that do not compress cannot exceed them', () => {
    const hour = counted(hostile(5000, 60, 1), hostile(5000, 254, 2), hostile(5000, 40, 3));

    expect(hour.byType.get(otherName)).toBeGreaterThan(0);
    expect(hour.byService.get(otherName)).toBeGreaterThan(0);
    for (const counts of [hour.byType, hour.byService]) {
      expect(listBytes(counts.keys())).toBeLessThanOrEqual(maxNamesBytes);
      expect(Buffer.byteLength(JSON.stringify([...counts]))).toBeLessThanOrEqual(maxNamesBytes);
    }
  });

  it('add up to less than the size limit of a document, with the sketch and all separators', () => {
    const beside = Buffer.byteLength(usersToText(noUsers().fill(1))) + 512;

    expect(2 * maxNamesBytes + maxUsersBytes + beside).toBeLessThanOrEqual(maxDocumentBytes);
  });

  it('count a known name under its own name, and a new one under (other)', () => {
    const hour = counted(Array.from({ length: 256 }, (_, index) => event({ type: `t${index}` })));

    insertEvents(hour, [event({ type: 't7' }), event({ type: 'new' })]);

    expect(hour.byType.get('t7')).toBe(2);
    expect(hour.byType.get('new')).toBeUndefined();
    expect(hour.byType.get(otherName)).toBe(1);
  });
});
