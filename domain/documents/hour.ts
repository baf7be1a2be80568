// The counts of one hour of event time. Hours merge into days and windows, and the order of merging does not change the
// result. Totals and names stay exact. The errors of top users add up.

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { AcceptedEvent } from '../event/event.ts';
import {
  addUser,
  addUsersOf,
  type DistinctUsers,
  noUsers,
  usersFromText,
  usersToText,
} from './distinct-users.ts';
import type { DocumentFields } from './documents.ts';
import { addNames, insertNames } from './names.ts';
import { mergeTopUsers, noTopUsers, type TopUsers, withUsers } from './top-users.ts';

/** The fields of an event that are counted. */
export type CountedEvent = Pick<AcceptedEvent, 'timestamp' | 'type' | 'service' | 'user_id'>;

export type HourCounts = {
  total: number;
  readonly byType: Map<string, number>;
  readonly byService: Map<string, number>;
  topUsers: TopUsers;
  readonly distinctUsers: DistinctUsers;
};

export const emptyHour = (): HourCounts => ({
  total: 0,
  byType: new Map(),
  byService: new Map(),
  topUsers: noTopUsers,
  distinctUsers: noUsers(),
});

/** Insert many events at once: caps are checked once, and top users stay exact for longer. */
export function insertEvents(hour: HourCounts, events: readonly CountedEvent[]): void {
  const given = (name: string | undefined): string[] => (name === undefined ? [] : [name]);
  const userIds = events.flatMap((event) => given(event.user_id));
  hour.total += events.length;
  insertNames(
    hour.byType,
    events.map(({ type }) => type),
  );
  insertNames(
    hour.byService,
    events.flatMap(({ service }) => given(service)),
  );
  hour.topUsers = withUsers(hour.topUsers, userIds);
  for (const userId of new Set(userIds)) addUser(hour.distinctUsers, userId);
}

export function mergeHours(hours: Iterable<HourCounts>): HourCounts {
  const merged = emptyHour();
  const tops: TopUsers[] = [];
  for (const hour of hours) {
    merged.total += hour.total;
    addNames(merged.byType, hour.byType);
    addNames(merged.byService, hour.byService);
    addUsersOf(merged.distinctUsers, hour.distinctUsers);
    tops.push(hour.topUsers);
  }
  merged.topUsers = mergeTopUsers(tops);
  return merged;
}

type Pairs = readonly (readonly [string, number])[];

/** Names are stored in lists, never as properties: `__proto__` is a valid event type. */
type HourWire = {
  readonly total: number;
  readonly types: Pairs;
  readonly services: Pairs;
  readonly users: Pairs;
  readonly usersError: number;
  readonly distinct: string;
};

/** Format 1 did not count users. Any user may have sent all events, so the error is the total. */
type HourWire1 = Pick<HourWire, 'total' | 'types' | 'services'>;
const usersUnknown = ({ total }: HourWire1) => ({ users: [], usersError: total, distinct: '' });

export function hourToFields(hour: HourCounts): DocumentFields {
  const wire: HourWire = {
    total: hour.total,
    types: [...hour.byType],
    services: [...hour.byService],
    users: [...hour.topUsers.counts],
    usersError: hour.topUsers.error,
    distinct: usersToText(hour.distinctUsers),
  };
  return { format: 2, body: zstdCompressSync(JSON.stringify(wire)) };
}

export function hourFromFields({ format, body }: DocumentFields): HourCounts {
  if (!(body instanceof Uint8Array)) return emptyHour();
  const read = JSON.parse(zstdDecompressSync(body).toString()) as HourWire | HourWire1;
  const wire = { ...(format === 1 && usersUnknown(read)), ...read } as HourWire;
  return {
    total: wire.total,
    byType: new Map(wire.types),
    byService: new Map(wire.services),
    topUsers: { counts: new Map(wire.users), error: wire.usersError },
    distinctUsers: usersFromText(wire.distinct),
  };
}
