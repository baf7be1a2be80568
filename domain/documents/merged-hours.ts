// The counts of many documents, added one after the other in their stored form. What it holds is bounded, however many there
// are. While it is within its bounds, the order of adding does not change the result. Sums are always exact.

import type { HourDelta } from './delta.ts';
import { addUser, addUsersOfBytes, noUsers } from './distinct-users.ts';
import type { DocumentFields } from './documents.ts';
import type { HourCounts } from './hour.ts';
import { type HourWire, hourWireOf } from './hour-wire.ts';
import { MergedNames } from './merged-names.ts';
import { MergedUsers } from './merged-users.ts';
import { noMinutes } from './minutes.ts';
import { addValues, statsOfValues, type ValueStats } from './stats.ts';

export class MergedHours {
  total = 0;
  readonly byType = new MergedNames();
  readonly byService = new MergedNames();
  readonly topUsers = new MergedUsers();
  readonly distinctUsers = noUsers();
  #values: ValueStats | undefined;

  /** Of an hour or of a day. */
  add(fields: DocumentFields): void {
    const wire = hourWireOf(fields);
    if (wire) this.addWire(wire);
  }

  addWire(wire: HourWire): void {
    const values = wire.values();
    const hasValues = values.total !== undefined;
    this.total += wire.total;
    this.#values = addValues(this.#values, values.total);
    this.byType.add(wire.types, hasValues ? values.types : undefined);
    this.byService.add(wire.services, hasValues ? values.services : undefined);
    this.topUsers.add(wire.uuids, wire.otherUsers, wire.usersError);
    addUsersOfBytes(this.distinctUsers, wire.distinct);
  }

  addDelta({ total, byType, byService, byUser }: HourDelta): void {
    this.total += total.count;
    this.#values = addValues(this.#values, total.values);
    this.byType.addStats(byType);
    this.byService.addStats(byService);
    this.topUsers.addCounts(byUser);
    for (const userId of byUser.keys()) addUser(this.distinctUsers, userId);
  }

  get values(): ValueStats | undefined {
    return this.#values;
  }

  /** Minutes are of an hour, and are left out. */
  toHour(): HourCounts {
    return {
      total: statsOfValues(this.total, this.#values),
      minutes: noMinutes(),
      byType: this.byType.toMap(),
      byService: this.byService.toMap(),
      topUsers: this.topUsers.toTopUsers(),
      distinctUsers: this.distinctUsers,
    };
  }
}
