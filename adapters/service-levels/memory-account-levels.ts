// What accounts were answered, by hour, in memory.

import { addedKey, levelHourSortKey, levelsKey, type Tenant } from '../../domain/keys.ts';
import {
  type AccountLevels,
  addLevels,
  type Delivery,
  type LevelHour,
  type LevelRange,
  levelsExpireAtMs,
} from '../../domain/service-levels/account-levels.ts';

export class MemoryAccountLevels implements AccountLevels {
  readonly #added = new Set<string>();
  readonly #hours = new Map<string, Map<string, LevelHour>>();

  async add({ digest, hours }: Delivery, _nowMs: number): Promise<void> {
    const guard = addedKey(digest, 0);
    if (this.#added.has(guard)) return;
    this.#added.add(guard);
    for (const { tenant, startMs, levels } of hours) {
      const own = this.#hours.get(levelsKey(tenant)) ?? new Map<string, LevelHour>();
      this.#hours.set(levelsKey(tenant), own);
      const before = own.get(levelHourSortKey(startMs));
      own.set(levelHourSortKey(startMs), { startMs, levels: addLevels(before?.levels ?? {}, levels) });
    }
  }

  async hours(tenant: Tenant, { fromMs, toMs }: LevelRange, nowMs: number): Promise<readonly LevelHour[]> {
    return [...(this.#hours.get(levelsKey(tenant))?.values() ?? [])]
      .filter(({ startMs }) => startMs >= fromMs && startMs < toMs && levelsExpireAtMs(startMs) > nowMs)
      .toSorted((one, other) => one.startMs - other.startMs);
  }
}
