// What one record adds to an hour. It is kept with the record until the hour document has it, and holds all names and
// users: caps apply where deltas are inserted into an hour.

import type { AcceptedEvent } from '../event/event.ts';
import { packText, unpackText } from '../system/packed-text.ts';
import { floorTo, hourMs } from '../system/time.ts';
import { addUser } from './distinct-users.ts';
import type { HourCounts } from './hour.ts';
import {
  addMinutes,
  countMinute,
  type Minutes,
  minutesFromWire,
  minutesToWire,
  noMinutes,
} from './minutes.ts';
import { addName, insertNames, type NamesWire, namesFromWire, namesToWire } from './names.ts';
import { addStats, noStats, type Stats, statsOf } from './stats.ts';
import { withUsers } from './top-users.ts';
import { type UsersWire, usersFromWire, usersToWire } from './users-wire.ts';

/** The fields of an event that are counted. */
type CountedEvent = Pick<AcceptedEvent, 'timestamp' | 'type' | 'service' | 'user_id' | 'value'>;

export type HourDelta = {
  total: Stats;
  readonly minutes: Minutes;
  readonly byType: Map<string, Stats>;
  readonly byService: Map<string, Stats>;
  readonly byUser: Map<string, number>;
};

/** By the start of the hour of event time, in milliseconds. */
export type Deltas = ReadonlyMap<number, HourDelta>;

export const noDeltas: Deltas = new Map();

const emptyDelta = (): HourDelta => ({
  total: noStats,
  minutes: noMinutes(),
  byType: new Map(),
  byService: new Map(),
  byUser: new Map(),
});

export function deltasOf(events: Iterable<CountedEvent>): Deltas {
  const deltas = new Map<number, HourDelta>();
  for (const event of events) {
    const hour = floorTo(event.timestamp, hourMs);
    const delta = deltas.get(hour) ?? emptyDelta();
    deltas.set(hour, delta);
    addEvent(delta, event);
  }
  return deltas;
}

function addEvent(delta: HourDelta, { timestamp, type, service, user_id, value }: CountedEvent): void {
  const stats = statsOf(value);
  delta.total = addStats(delta.total, stats);
  countMinute(delta.minutes, timestamp);
  addName(delta.byType, type, stats);
  if (service !== undefined) addName(delta.byService, service, stats);
  if (user_id !== undefined) delta.byUser.set(user_id, (delta.byUser.get(user_id) ?? 0) + 1);
}

/** Insert many deltas at once: caps are checked once, and top users stay exact for longer. */
export function insertDeltas(hour: HourCounts, deltas: Iterable<HourDelta>): void {
  const list = [...deltas];
  for (const { total, minutes } of list) {
    hour.total = addStats(hour.total, total);
    addMinutes(hour.minutes, minutes);
  }
  insertNames(
    hour.byType,
    list.flatMap(({ byType }) => [...byType]),
  );
  insertNames(
    hour.byService,
    list.flatMap(({ byService }) => [...byService]),
  );
  hour.topUsers = withUsers(
    hour.topUsers,
    list.flatMap(({ byUser }) => [...byUser]),
  );
  for (const userId of new Set(list.flatMap(({ byUser }) => [...byUser.keys()]))) {
    addUser(hour.distinctUsers, userId);
  }
}

/** The hour is counted in hours. The total is left out: every event has a type. */
type DeltaWire = readonly [
  hour: number,
  minutes: readonly number[],
  types: NamesWire,
  services: NamesWire,
  users: UsersWire,
];

export function deltasToBytes(deltas: Deltas): Uint8Array {
  const wire = [...deltas].map(
    ([hour, { minutes, byType, byService, byUser }]): DeltaWire => [
      hour / hourMs,
      minutesToWire(minutes),
      namesToWire(byType),
      namesToWire(byService),
      usersToWire(byUser),
    ],
  );
  return packText(JSON.stringify(wire), 3);
}

export function deltasFromBytes(bytes: Uint8Array): Deltas {
  const wire = JSON.parse(unpackText(bytes).toString()) as readonly DeltaWire[];
  return new Map(wire.map(([hour, ...fields]) => [hour * hourMs, deltaFromWire(fields)]));
}

function deltaFromWire([minutes, types, services, users]: Tail<DeltaWire>): HourDelta {
  const byType = namesFromWire(types);
  return {
    total: [...byType.values()].reduce(addStats, noStats),
    minutes: minutesFromWire(minutes),
    byType,
    byService: namesFromWire(services),
    byUser: usersFromWire(users),
  };
}

type Tail<List extends readonly unknown[]> = List extends readonly [unknown, ...infer Rest] ? Rest : never;
