// The counts of one hour of event time. Hours merge into days, and the order of merging does not change the result, short
// of the bounds that keep a merge in memory. Totals stay exact, and so do names. The errors of top users add up.

import { packText, unpackText } from '../system/packed-text.ts';
import { addUsersOf, type DistinctUsers, noUsers, usersFromText, usersToText } from './distinct-users.ts';
import type { DocumentFields } from './documents.ts';
import { addMinutes, type Minutes, minutesFromWire, minutesToWire, noMinutes } from './minutes.ts';
import { addingStats, addNames, boundNames, type NamesWire, namesFromWire, namesToWire } from './names.ts';
import { addStats, noStats, type Stats, type StatsWire, statsFromWire, statsToWire } from './stats.ts';
import { addTopUsers, type MergedUsers, noTopUsers, type TopUsers } from './top-users.ts';
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

/** Takes one hour after the other, so that a caller that decodes them on the way holds one at a time. */
export function mergeHours(hours: Iterable<HourCounts>): HourCounts {
  const merged = emptyHour();
  const topUsers: MergedUsers = { counts: new Map(), error: 0 };
  for (const hour of hours) {
    merged.total = addStats(merged.total, hour.total);
    addMinutes(merged.minutes, hour.minutes);
    addNames(merged.byType, hour.byType);
    addNames(merged.byService, hour.byService);
    boundNames(merged.byType, addingStats);
    boundNames(merged.byService, addingStats);
    addUsersOf(merged.distinctUsers, hour.distinctUsers);
    addTopUsers(topUsers, hour.topUsers.counts, hour.topUsers.error);
  }
  merged.topUsers = topUsers;
  return merged;
}

const format = 3;

export type HourWire = {
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

/** Undefined of a document that does not exist. */
export const hourWireOf = ({ body }: DocumentFields): HourWire | undefined =>
  body instanceof Uint8Array ? (JSON.parse(unpackText(body).toString()) as HourWire) : undefined;

export function hourFromFields(fields: DocumentFields): HourCounts {
  const wire = hourWireOf(fields);
  if (!wire) return emptyHour();
  return {
    total: statsFromWire(wire.total),
    minutes: minutesFromWire(wire.minutes),
    byType: namesFromWire(wire.types),
    byService: namesFromWire(wire.services),
    topUsers: { counts: usersFromWire(wire.users), error: wire.usersError },
    distinctUsers: usersFromText(wire.distinct),
  };
}
