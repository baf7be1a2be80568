// The counts of one hour of event time, or of a day.

import { type DistinctUsers, noUsers } from './distinct-users.ts';
import { type Minutes, noMinutes } from './minutes.ts';
import { noStats, type Stats } from './stats.ts';
import { noTopUsers, type TopUsers } from './top-users.ts';

export type HourCounts = {
  total: Stats;
  /** By minute of the hour. A day has none. */
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
