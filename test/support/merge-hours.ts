// The plain merge of hours, in maps and without bounds: what the merge of documents is compared with.

import { noUsers } from '../../domain/documents/distinct-users.ts';
import type { HourCounts } from '../../domain/documents/hour.ts';
import { addMinutes, noMinutes } from '../../domain/documents/minutes.ts';
import { addName } from '../../domain/documents/names.ts';
import { addStats, noStats, type Stats } from '../../domain/documents/stats.ts';

export function mergeHours(hours: readonly HourCounts[]): HourCounts {
  const minutes = noMinutes();
  const [byType, byService] = [new Map<string, Stats>(), new Map<string, Stats>()];
  const counts = new Map<string, number>();
  const distinctUsers = noUsers();
  for (const hour of hours) {
    addMinutes(minutes, hour.minutes);
    for (const [name, stats] of hour.byType) addName(byType, name, stats);
    for (const [name, stats] of hour.byService) addName(byService, name, stats);
    for (const [userId, count] of hour.topUsers.counts) counts.set(userId, (counts.get(userId) ?? 0) + count);
    for (const [index, rank] of hour.distinctUsers.entries())
      distinctUsers[index] = Math.max(distinctUsers[index] ?? 0, rank);
  }
  return {
    total: hours.map(({ total }) => total).reduce(addStats, noStats),
    ...{ minutes, byType, byService, distinctUsers },
    topUsers: { counts, error: hours.reduce((sum, { topUsers }) => sum + topUsers.error, 0) },
  };
}
