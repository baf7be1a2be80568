// The counts of one hour of event time. Hours merge into days and windows, and the order of merging does not change the
// result. Totals and names stay exact. The errors of top users add up.

import { packText, unpackText } from '../system/packed-text.ts';
import { addUsersOf, type DistinctUsers, noUsers, usersFromText, usersToText } from './distinct-users.ts';
import type { DocumentFields } from './documents.ts';
import { addMinutes, type Minutes, minutesFromWire, minutesToWire, noMinutes } from './minutes.ts';
import { addNames, type NamesWire, namesFromWire, namesToWire } from './names.ts';
import { addStats, noStats, type Stats, type StatsWire, statsFromWire, statsToWire } from './stats.ts';
import { mergeTopUsers, noTopUsers, type TopUsers } from './top-users.ts';
import { type UsersWire, usersFromWire, usersToWire } from './users-wire.ts';

export type HourCounts = {
  total: Stats;
  /** By minute of the hour. Of hours that are merged, each minute has the events of that minute of all of them. */
  readonly minutes: Minutes;
  readonly byType: Map<string, Stats>;
  readonly byService: Map<string, Stats>;
  topUsers: TopUsers;
  readonly distinctUsers: DistinctUsers;
};

export const emptyHour = (): HourCounts => ({
  total: noStats,
  minutes: noMinutes(),
  byType: new Map(),
  byService: new Map(),
  topUsers: noTopUsers,
  distinctUsers: noUsers(),
});

export function mergeHours(hours: Iterable<HourCounts>): HourCounts {
  const merged = emptyHour();
  const tops: TopUsers[] = [];
  for (const hour of hours) {
    merged.total = addStats(merged.total, hour.total);
    addMinutes(merged.minutes, hour.minutes);
    addNames(merged.byType, hour.byType);
    addNames(merged.byService, hour.byService);
    addUsersOf(merged.distinctUsers, hour.distinctUsers);
    tops.push(hour.topUsers);
  }
  merged.topUsers = mergeTopUsers(tops);
  return merged;
}

const format = 3;

type HourWire = {
  readonly total: StatsWire;
  readonly minutes: readonly number[];
  readonly types: NamesWire;
  readonly services: NamesWire;
  readonly users: UsersWire;
  readonly usersError: number;
  readonly distinct: string;
};

export function hourToFields(hour: HourCounts): DocumentFields {
  const wire: HourWire = {
    total: statsToWire(hour.total),
    minutes: minutesToWire(hour.minutes),
    types: namesToWire(hour.byType),
    services: namesToWire(hour.byService),
    users: usersToWire(hour.topUsers.counts),
    usersError: hour.topUsers.error,
    distinct: usersToText(hour.distinctUsers),
  };
  return { format, body: packText(JSON.stringify(wire), 3) };
}

export function hourFromFields({ body }: DocumentFields): HourCounts {
  if (!(body instanceof Uint8Array)) return emptyHour();
  const wire = JSON.parse(unpackText(body).toString()) as HourWire;
  return {
    total: statsFromWire(wire.total),
    minutes: minutesFromWire(wire.minutes),
    byType: namesFromWire(wire.types),
    byService: namesFromWire(wire.services),
    topUsers: { counts: usersFromWire(wire.users), error: wire.usersError },
    distinctUsers: usersFromText(wire.distinct),
  };
}
