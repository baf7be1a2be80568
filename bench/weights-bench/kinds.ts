// Kinds of batches that cost the store differently.

import { seededRandom } from '@weir/twin/faults';
import { dayMs, hourMs, minuteMs } from '../../domain/system/time.ts';
import { idsOf, type Load } from '../consume-bench/load.ts';
import { shopOf } from '../consume-bench/shop.ts';

export type Kind = Pick<Load, 'ids' | 'spreadMs'> & {
  readonly events: number;
  /** As many types and users. */
  readonly names?: number;
  /** Characters of metadata besides the usual, which do not compress. */
  readonly padding?: number;
};

export const kinds: Readonly<Record<string, Kind>> = {
  'one event': { events: 1, ids: 'made here', spreadMs: minuteMs },
  'one event, random id': { events: 1, ids: 'random', spreadMs: minuteMs },
  'one event of 30 days': { events: 1, ids: 'made here', spreadMs: 29 * dayMs },
  'one event of 30 KB': { events: 1, ids: 'made here', spreadMs: minuteMs, padding: 30_000 },
  '10 events': { events: 10, ids: 'made here', spreadMs: minuteMs },
  '10 events of 30 days': { events: 10, ids: 'made here', spreadMs: 29 * dayMs },
  '100 events': { events: 100, ids: 'made here', spreadMs: minuteMs },
  '100 events, random ids': { events: 100, ids: 'random', spreadMs: minuteMs },
  '100 events, UUIDv7': { events: 100, ids: 'UUIDv7', spreadMs: minuteMs },
  '100 events, scoped ids': { events: 100, ids: 'scoped', spreadMs: minuteMs },
  '100 events of 48 hours': { events: 100, ids: 'made here', spreadMs: 48 * hourMs },
  '100 events of 48 hours, UUIDv7': { events: 100, ids: 'UUIDv7', spreadMs: 48 * hourMs },
  '100 events of 4 KB': { events: 100, ids: 'made here', spreadMs: minuteMs, padding: 4000 },
  '500 events': { events: 500, ids: 'made here', spreadMs: minuteMs },
  '500 events, random ids': { events: 500, ids: 'random', spreadMs: minuteMs },
  '500 events, 500 names': { events: 500, ids: 'made here', spreadMs: minuteMs, names: 500 },
  '500 events of 30 days, 500 names': { events: 500, ids: 'made here', spreadMs: 29 * dayMs, names: 500 },
  '500 events of 30 days, random ids': { events: 500, ids: 'random', spreadMs: 29 * dayMs, names: 500 },
};

/** The same batches in every run. */
export function batchesOf({ events, ids, spreadMs, names, padding = 0 }: Kind) {
  const random = seededRandom(20);
  const shop = shopOf({ count: names ?? 200, named: 'by UUID' }, random);
  const noise = () => Buffer.from(shop.bytes(Math.ceil((padding * 3) / 4))).toString('base64');
  return (receivedAtMs: number): readonly object[] => {
    const idOf = idsOf(shop, ids);
    return Array.from({ length: events }, (_, index) => {
      const event = shop.event(receivedAtMs, spreadMs);
      return {
        ...event,
        ...(names !== undefined && { type: `type-${Math.floor(random() * names)}` }),
        ...(padding > 0 && { metadata: { ...event.metadata, noise: noise() } }),
        ...idOf(Date.parse(event.timestamp), index),
      };
    });
  };
}
