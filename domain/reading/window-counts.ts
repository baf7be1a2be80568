// The counts of a window, to which documents and deltas are added as they arrive. It reads the stored form of an hour
// directly and leaves out values and minutes, which a summary does not show. It is bounded, however much is added.

import type { HourSink } from '../counting/lane-counts.ts';
import type { HourDelta } from '../documents/delta.ts';
import { addUser, addUsersOfText, noUsers } from '../documents/distinct-users.ts';
import { type DocumentFields, fieldBytes } from '../documents/documents.ts';
import { hourWireOf } from '../documents/hour.ts';
import { addingCounts, boundNames, type NamesWire } from '../documents/names.ts';
import { countOfWire, type Stats } from '../documents/stats.ts';
import { addTopUsers, type MergedUsers } from '../documents/top-users.ts';
import { eachUser } from '../documents/users-wire.ts';
import { dayMs, floorTo } from '../system/time.ts';

export class WindowCounts implements HourSink {
  total = 0;
  readonly byType = new Map<string, number>();
  readonly byService = new Map<string, number>();
  readonly topUsers: MergedUsers = { counts: new Map(), error: 0 };
  readonly distinctUsers = noUsers();
  /** By day: how large the hour documents are that were added. */
  readonly bytesOfDays = new Map<number, number>();

  addDocument(hourMs: number, fields: DocumentFields): void {
    const day = floorTo(hourMs, dayMs);
    this.bytesOfDays.set(day, (this.bytesOfDays.get(day) ?? 0) + fieldBytes(fields));
    this.addFields(fields);
  }

  /** Of an hour or of a day. */
  addFields(fields: DocumentFields): void {
    const wire = hourWireOf(fields);
    if (!wire) return;
    this.total += countOfWire(wire.total);
    addNames(this.byType, wire.types);
    addNames(this.byService, wire.services);
    addTopUsers(this.topUsers, eachUser(wire.users), wire.usersError);
    addUsersOfText(this.distinctUsers, wire.distinct);
  }

  addDelta(_hourMs: number, { total, byType, byService, byUser }: HourDelta): void {
    this.total += total.count;
    addStatsOf(this.byType, byType);
    addStatsOf(this.byService, byService);
    addTopUsers(this.topUsers, byUser, 0);
    for (const userId of byUser.keys()) addUser(this.distinctUsers, userId);
  }
}

function addNames(counts: Map<string, number>, wire: NamesWire): void {
  for (let place = 0; place < wire.length; place += 2) {
    const name = String(wire[place]);
    counts.set(name, (counts.get(name) ?? 0) + countOfWire(wire[place + 1] ?? 0));
  }
  boundNames(counts, addingCounts);
}

function addStatsOf(counts: Map<string, number>, names: ReadonlyMap<string, Stats>): void {
  for (const [name, { count }] of names) counts.set(name, (counts.get(name) ?? 0) + count);
  boundNames(counts, addingCounts);
}
