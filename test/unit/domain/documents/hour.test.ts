import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deltasOf, insertDeltas } from '../../../../domain/documents/delta.ts';
import { noUsers, usersToBytes } from '../../../../domain/documents/distinct-users.ts';
import { fieldBytes } from '../../../../domain/documents/documents.ts';
import { emptyHour, type HourCounts } from '../../../../domain/documents/hour.ts';
import { hourFromFields, hourToFields } from '../../../../domain/documents/hour-wire.ts';
import { MergedHours } from '../../../../domain/documents/merged-hours.ts';
import { noMinutes } from '../../../../domain/documents/minutes.ts';
import { countsOf, namesToWire, otherName } from '../../../../domain/documents/names.ts';
import {
  listBytes,
  maxDocumentBytes,
  maxNamesBytes,
  maxUsersBytes,
  nameEntryBytes,
} from '../../../../domain/documents/size-limits.ts';
import { addStats, noStats, type Stats, statsToWire } from '../../../../domain/documents/stats.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { seededRandom } from '../../../support/clock.ts';
import { anyEvents, event, events, fixtureEvents } from '../../../support/events.ts';
import { mergeHours } from '../../../support/merge-hours.ts';

const counted = (...batches: (readonly AcceptedEvent[])[]): HourCounts => {
  const hour = emptyHour();
  for (const batch of batches) insertDeltas(hour, deltasOf(batch).values());
  return hour;
};
const merged = (...hours: readonly HourCounts[]): HourCounts => {
  const all = new MergedHours();
  for (const hour of hours) all.add(hourToFields(hour));
  return all.toHour();
};
const sorted = <Of>(names: ReadonlyMap<string, Of>) => [...names].toSorted(([a], [b]) => (a < b ? -1 : 1));
/** Without minutes, which are of an hour. */
const plain = ({ total, byType, byService, topUsers, distinctUsers }: HourCounts) => ({
  total,
  byType: sorted(byType),
  byService: sorted(byService),
  topUsers: { counts: sorted(topUsers.counts), error: topUsers.error },
  distinctUsers,
});
const sum = (names: ReadonlyMap<string, Stats>) => [...names.values()].reduce(addStats, noStats);

describe('hour documents', () => {
  it('merge to the same result in any order and grouping', () => {
    fc.assert(
      fc.property(anyEvents(), anyEvents(), anyEvents(), (a, b, c) => {
        const [x, y, z] = [counted(a), counted(b), counted(c)];

        const together = plain(counted([...a, ...b, ...c]));

        expect(plain(merged(x, y, z))).toEqual(together);
        expect(plain(merged(z, merged(y, x)))).toEqual(together);
      }),
      { numRuns: 30 },
    );
  });

  it('merge to the same totals in any order when they are past every cap', () => {
    const past = (seed: number) => counted(hostile(3000, 1 + (seed % 40), seed));
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (a, b, c) => {
        const [x, y, z] = [past(a), past(b), past(c)];

        const all = merged(x, y, z);

        expect(plain(merged(z, merged(y, x)))).toEqual(plain(all));
        expect(plain(all)).toEqual(plain(mergeHours([x, y, z])));
        expect(all.total.count).toBe(9000);
        expect([sum(all.byType), sum(all.byService)]).toEqual([all.total, all.total]);
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
    expect(counted([event({ type: '__proto__' })]).byType.get('__proto__')).toEqual({ count: 1 });
  });

  it('count only events with a user among the users', () => {
    const { topUsers, distinctUsers } = counted([event(), event({ user_id: 'ann' })]);

    expect([...topUsers.counts]).toEqual([['ann', 1]]);
    expect(distinctUsers.filter((rank) => rank > 0)).toHaveLength(1);
  });

  it('count each event in its minute of the hour', () => {
    const { minutes } = counted([
      event({ timestamp: Date.parse('2026-11-21T10:00:00Z') }),
      event({ timestamp: Date.parse('2026-11-21T10:59:59.999Z') }),
      event({ timestamp: Date.parse('2026-11-21T10:59:00Z') }),
    ]);

    expect([...minutes.entries()].filter(([, count]) => count > 0)).toEqual([
      [0, 1],
      [59, 2],
    ]);
  });

  it('are read as format 4 was written first', () => {
    const stored = {
      body: 'AAMXBQEAAAAAAAAAAAAAAAAAAAAAAAAAAQECBQkCAW9yZGVyX19wcm90b19fAgQDAgFzaG9wd2ViAAECAQkBw6nigqzwnYSeAp/fneL0rNvgG//2pfX0rNvgG+CXiBMCn9+d4vSs2+Ab//al9fSs2+Ab4JeIEwACn9+d4vSs2+Ab//al9fSs2+Ab4JeIEwA=',
      users: 'AZflom8LfB2bPlp/AMTSHg==',
      distinct: 'ATjCAkUB',
    };
    const fields = Object.fromEntries(
      Object.entries(stored).map(([name, text]) => [name, Buffer.from(text, 'base64')]),
    );

    expect(hourFromFields({ format: 4, ...fields })).toEqual(counted(fixtureEvents.slice(0, 3)));
    expect(hourToFields(emptyHour()).format).toBe(4);
  });

  it('are small if there are few users', () => {
    const fifty = events(500).map((each, index) => ({ ...each, user_id: `user-${index % 50}` }));

    expect(fieldBytes(hourToFields(counted(fifty)))).toBeLessThan(700);
  });

  it('lose no name in merging, because caps apply on insertion only', () => {
    const many = (prefix: string) =>
      counted(Array.from({ length: 200 }, (_, index) => event({ type: `${prefix}${index}` })));

    expect(merged(many('a'), many('b')).byType.size).toBe(400);
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
      type: Buffer.from(random.bytes(1 + Math.floor((length % 200) * 0.74))).toString('base64url'),
      service: text(128),
      user_id: text(255),
      value: (Buffer.from(random.bytes(6)).readUIntBE(0, 6) - 2 ** 47) / 1e6,
    }),
  );
}

/** More events than an hour can have, with values at the bounds. */
const longestStats: Stats = {
  count: Number.MAX_SAFE_INTEGER,
  values: {
    count: Number.MAX_SAFE_INTEGER,
    sum: -(10n ** 18n) * BigInt(Number.MAX_SAFE_INTEGER),
    least: -(10n ** 18n) + 1n,
    greatest: -(10n ** 18n) + 1n,
  },
};

describe('caps', () => {
  it('hold on insertion whatever the names are: under 64 KB, past them (other), and the total is complete', () => {
    fc.assert(
      fc.property(fc.nat({ max: 254 }), fc.nat(), fc.integer({ min: 1, max: 4 }), (length, seed, batches) => {
        const hour = counted(
          ...Array.from({ length: batches }, (_, b) => hostile(700, length, seed + 3 * b)),
        );

        expect(fieldBytes(hourToFields(hour))).toBeLessThanOrEqual(maxDocumentBytes);
        expect(hour.total.count).toBe(700 * batches);
        expect([sum(hour.byType), sum(hour.byService)]).toEqual([hour.total, hour.total]);
      }),
      { numRuns: 12 },
    );
  });

  it('hold uncompressed, so that names that do not compress cannot exceed them', () => {
    const hour = counted(hostile(5000, 60, 1), hostile(5000, 254, 2), hostile(5000, 40, 3));

    expect(hour.byType.get(otherName)?.count).toBeGreaterThan(0);
    expect(hour.byService.get(otherName)?.count).toBeGreaterThan(0);
    for (const names of [hour.byType, hour.byService]) {
      const longest = new Map([...names.keys()].map((name) => [name, longestStats]));
      expect(listBytes(names.keys(), nameEntryBytes)).toBeLessThanOrEqual(maxNamesBytes);
      expect(Buffer.byteLength(JSON.stringify(namesToWire(longest)))).toBeLessThanOrEqual(maxNamesBytes);
    }
  });

  it('add up to less than the size limit of a document, with the sketch and all separators', () => {
    const sketchBytes = usersToBytes(noUsers().fill(1)).length;
    const minutesBytes = JSON.stringify([...noMinutes().fill(Number.MAX_SAFE_INTEGER)]).length;
    const beside = sketchBytes + minutesBytes + statsToWire(longestStats).toString().length + 128;

    expect(2 * maxNamesBytes + maxUsersBytes + beside).toBeLessThanOrEqual(maxDocumentBytes);
  });

  it('count a known name under its own name, and a new one under (other)', () => {
    const hour = counted(Array.from({ length: 300 }, (_, index) => event({ type: `t${index}` })));
    const others = hour.byType.get(otherName)?.count ?? 0;

    insertDeltas(hour, deltasOf([event({ type: 't7' }), event({ type: 'new' })]).values());

    const counts = countsOf(hour.byType);
    expect(['t7', 'new', otherName].map((type) => counts.get(type))).toEqual([2, undefined, others + 1]);
    expect(hour.byType.size + others).toBe(301);
  });
});
