// The stored form of the counts of an hour or a day. Values come last: most events carry none. What compresses
// is compressed. UUIDs and the sketch do not, and are kept as they are.

import { ByteReader, ByteWriter } from '../system/bytes.ts';
import { packBytes, unpackText } from '../system/packed-text.ts';
import { usersFromBytes, usersToBytes } from './distinct-users.ts';
import type { DocumentFields } from './documents.ts';
import { type Entries, noEntries, readEntries, readNumbers, textsOf, writeEntries } from './entries.ts';
import { emptyHour, type HourCounts } from './hour.ts';
import { minutesFromWire, minutesToWire } from './minutes.ts';
import { type Stats, statsOfValues, type ValueStats } from './stats.ts';
import { isUuid, uuidBytes, uuidsFromBytes, uuidsToBytes } from './users-wire.ts';

const format = 4;
const level = 3;
/** What is compressed begins with it: no frame of zstd does. */
const start = 0;

export type HourWire = {
  readonly total: number;
  readonly minutes: readonly number[];
  readonly types: Entries;
  readonly services: Entries;
  readonly uuids: Entries;
  readonly otherUsers: Entries;
  readonly usersError: number;
  /** As `addUsersOfBytes` takes it. */
  readonly distinct: Uint8Array;
  /** They are read only then. */
  readonly values: () => ValuesWire;
};

/** In the order of the names. Undefined of a name without values. */
export type ValuesWire = {
  readonly total: ValueStats | undefined;
  readonly types: readonly (ValueStats | undefined)[];
  readonly services: readonly (ValueStats | undefined)[];
};

export function hourToFields(hour: HourCounts): DocumentFields {
  const distinct = usersToBytes(hour.distinctUsers);
  const users = byForm(hour.topUsers.counts);
  return {
    format,
    body: packBytes(hourToBytes(hour, users), level),
    ...(users.uuids.texts.length > 0 && { users: uuidsToBytes(users.uuids.texts) }),
    ...(distinct.length > 0 && { distinct }),
  };
}

/** All but the packed ids of users and their sketch. */
export function hourToBytes(
  { total, minutes, byType, byService, topUsers }: HourCounts,
  { uuids, others } = byForm(topUsers.counts),
): Uint8Array {
  const body = new ByteWriter();
  body.number(start);
  body.number(total.count);
  const counts = minutesToWire(minutes);
  body.number(counts.length);
  for (const number of counts) body.number(number);
  for (const names of [byType, byService])
    writeEntries(
      body,
      [...names.keys()],
      Array.from(names.values(), ({ count }) => count),
    );
  body.number(topUsers.error);
  body.number(uuids.texts.length);
  for (const count of uuids.counts) body.number(count);
  writeEntries(body, others.texts, others.counts);
  if (total.values)
    for (const stats of [total, ...byType.values(), ...byService.values()]) writeValues(body, stats);
  return body.written();
}

function byForm(users: ReadonlyMap<string, number>) {
  const uuids = { texts: [] as string[], counts: [] as number[] };
  const others = { texts: [] as string[], counts: [] as number[] };
  for (const [userId, count] of users) {
    const list = isUuid(userId) ? uuids : others;
    list.texts.push(userId);
    list.counts.push(count);
  }
  return { uuids, others };
}

/** Of a single value the sum is also the least and the greatest. */
function writeValues(into: ByteWriter, { values }: Stats): void {
  into.number(values?.count ?? 0);
  if (!values) return;
  into.integer(values.sum);
  if (values.count === 1) return;
  into.integer(values.least);
  into.integer(values.greatest);
}

function readValues(from: ByteReader): ValueStats | undefined {
  const count = from.number();
  if (count === 0) return undefined;
  const sum = from.integer();
  if (count === 1) return { count, sum, least: sum, greatest: sum };
  return { count, sum, least: from.integer(), greatest: from.integer() };
}

/** Undefined of a document that does not exist. */
export function hourWireOf({ body, users, distinct }: DocumentFields): HourWire | undefined {
  if (!(body instanceof Uint8Array)) return undefined;
  return hourWireOfBytes(unpackText(body), bytesOf(users), bytesOf(distinct));
}

/** As `hourToBytes` writes it. */
export function hourWireOfBytes(
  body: Uint8Array,
  users: Uint8Array = noEntries.bytes,
  distinct: Uint8Array = noEntries.bytes,
): HourWire {
  const from = new ByteReader(body);
  from.number();
  const total = from.number();
  const minutes = readNumbers(from, from.number());
  const types = readEntries(from);
  const services = readEntries(from);
  const usersError = from.number();
  const uuidCounts = readNumbers(from, from.number());
  const uuids = {
    bytes: users,
    ends: uuidCounts.map((_, index) => uuidBytes * (index + 1)),
    counts: uuidCounts,
  };
  const otherUsers = readEntries(from);
  const read = () => (from.isAtEnd ? undefined : readValues(from));
  const readAll = () => ({
    total: read(),
    types: types.counts.map(read),
    services: services.counts.map(read),
  });
  let values: ValuesWire | undefined;
  return {
    ...{ total, minutes, types, services, uuids, otherUsers, usersError, distinct },
    values: () => {
      values ??= readAll();
      return values;
    },
  };
}

export function hourFromFields(fields: DocumentFields): HourCounts {
  const wire = hourWireOf(fields);
  return wire ? hourFromWire(wire) : emptyHour();
}

export function hourFromWire(wire: HourWire): HourCounts {
  const values = wire.values();
  const { uuids, otherUsers } = wire;
  const users = new Map<string, number>();
  let index = 0;
  for (const userId of uuidsFromBytes(uuids.bytes)) users.set(userId, uuids.counts[index++] ?? 0);
  for (const [place, userId] of textsOf(otherUsers).entries())
    users.set(userId, otherUsers.counts[place] ?? 0);
  return {
    total: statsOfValues(wire.total, values.total),
    minutes: minutesFromWire(wire.minutes),
    byType: namesFrom(wire.types, values.types),
    byService: namesFrom(wire.services, values.services),
    topUsers: { counts: users, error: wire.usersError },
    distinctUsers: usersFromBytes(wire.distinct),
  };
}

const namesFrom = (entries: Entries, values: ValuesWire['types']): Map<string, Stats> =>
  new Map(
    textsOf(entries).map((name, index) => [name, statsOfValues(entries.counts[index] ?? 0, values[index])]),
  );

const bytesOf = (field: DocumentFields[string] | undefined): Uint8Array =>
  field instanceof Uint8Array ? field : noEntries.bytes;
