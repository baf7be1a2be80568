// The hours of a closed day, over all lanes, in one item: what a day document adds up, kept hour by hour for series. It has
// what an hour document has but its users. A month of hours is then some 30 items.

import { ByteReader, ByteWriter } from '../system/bytes.ts';
import { packBytes, unpackText } from '../system/packed-text.ts';
import { noUsers } from './distinct-users.ts';
import { type DocumentFields, fieldBytes } from './documents.ts';
import type { HourCounts } from './hour.ts';
import { type HourWire, hourToBytes, hourWireOfBytes } from './hour-wire.ts';
import { MergedNames } from './merged-names.ts';
import { addMinutes, type Minutes, minutesFromWire, noMinutes } from './minutes.ts';
import { otherName } from './names.ts';
import { maxDayHoursBytes } from './size-limits.ts';
import { addStats, addValues, noStats, type Stats, statsOfValues, type ValueStats } from './stats.ts';
import { noTopUsers } from './top-users.ts';

const format = 1;
const level = 3;
/** Of a day. In an hour twice as many are let in before the least frequent ones are left out. */
const mostNames = 256;

type MergedHour = {
  total: number;
  values: ValueStats | undefined;
  readonly minutes: Minutes;
  readonly byType: MergedNames;
  readonly byService: MergedNames;
};

/** Of one day. `hour` is from 0 to 23. */
export class DayHours {
  readonly #hours = new Map<number, MergedHour>();

  add(hour: number, wire: HourWire): void {
    const own = this.#hours.get(hour) ?? noHour();
    this.#hours.set(hour, own);
    const values = wire.values();
    const hasValues = values.total !== undefined;
    own.total += wire.total;
    own.values = addValues(own.values, values.total);
    addMinutes(own.minutes, minutesFromWire(wire.minutes));
    own.byType.add(wire.types, hasValues ? values.types : undefined);
    own.byService.add(wire.services, hasValues ? values.services : undefined);
  }

  /** The most frequent names of the day stay, as many as fit. The others count in `(other)`, so that sums stay as they are. */
  toFields(): DocumentFields {
    const hours = [...this.#hours]
      .sort(([a], [b]) => a - b)
      .map(([hour, merged]): HourOfDay => [hour, toHour(merged)]);
    const types = namesOfDay(hours.map(([, { byType }]) => byType));
    const services = namesOfDay(hours.map(([, { byService }]) => byService));
    for (let most = mostNames; ; most = Math.floor((3 * most) / 4)) {
      const fields = toFields(
        hours.map(([hour, own]) => {
          const byType = onlyNames(types.slice(0, most), own.byType);
          return [hour, { ...own, byType, byService: onlyNames(services.slice(0, most), own.byService) }];
        }),
      );
      if (most === 0 || fieldBytes(fields) <= maxDayHoursBytes) return fields;
    }
  }
}

type HourOfDay = readonly [hour: number, counts: HourCounts];

const noHour = (): MergedHour => ({
  total: 0,
  values: undefined,
  minutes: noMinutes(),
  byType: new MergedNames(mostNames),
  byService: new MergedNames(mostNames),
});

const toHour = ({ total, values, minutes, byType, byService }: MergedHour): HourCounts => ({
  total: statsOfValues(total, values),
  minutes,
  byType: byType.toMap(),
  byService: byService.toMap(),
  topUsers: noTopUsers,
  distinctUsers: noUsers(),
});

/** The most frequent first. */
function namesOfDay(hours: readonly ReadonlyMap<string, Stats>[]): string[] {
  const counts = new Map<string, number>();
  for (const hour of hours)
    for (const [name, { count }] of hour) counts.set(name, (counts.get(name) ?? 0) + count);
  counts.delete(otherName);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
}

/** In the order of the names, so that the hours of a day have long parts in common, which compress. */
function onlyNames(names: readonly string[], hour: ReadonlyMap<string, Stats>): Map<string, Stats> {
  const kept = new Map<string, Stats>();
  for (const name of names) {
    const stats = hour.get(name);
    if (stats) kept.set(name, stats);
  }
  let others = noStats;
  for (const [name, stats] of hour) if (!kept.has(name)) others = addStats(others, stats);
  return others.count === 0 ? kept : kept.set(otherName, others);
}

/** What is compressed begins with the number of hours: no frame of zstd does. */
function toFields(hours: readonly HourOfDay[]): DocumentFields {
  const body = new ByteWriter();
  body.number(hours.length);
  for (const [hour, counts] of hours) {
    const bytes = hourToBytes(counts);
    body.number(hour);
    body.number(bytes.length);
    body.bytes(bytes);
  }
  return { format, body: packBytes(body.written(), level) };
}

export function hoursOfFields({ body }: DocumentFields): [hour: number, wire: HourWire][] {
  if (!(body instanceof Uint8Array)) return [];
  const from = new ByteReader(unpackText(body));
  return Array.from({ length: from.number() }, () => {
    const hour = from.number();
    return [hour, hourWireOfBytes(from.bytes(from.number()))];
  });
}
