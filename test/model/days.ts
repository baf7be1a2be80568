// The folds of days of one history, in memory.

import { type DayDocument, type DayKey, isCurrent } from '../../domain/documents/day.ts';
import type { Days, MarkedHours } from '../../domain/documents/port.ts';
import { lanesOf, type Tenant, tenantKey } from '../../domain/keys.ts';
import { dayMs } from '../../domain/system/time.ts';
import type { World } from './world.ts';

const nameOf = ({ tenant, dayMs: day }: DayKey): string => `${tenantKey(tenant)}#${day}`;

export class ModelDays implements Days {
  readonly #world: World;
  readonly #stored = new Map<string, DayDocument>();

  constructor(world: World) {
    this.#world = world;
  }

  #markOf(key: DayKey): number {
    return this.#world.stores.lanes.marks.get(nameOf(key)) ?? 0;
  }

  async current(tenant: Tenant, slots: number, fromMs: number, toMs: number, nowMs: number) {
    return [...this.#stored.values()].filter(
      (day) =>
        tenantKey(day.key.tenant) === tenantKey(tenant) &&
        day.key.dayMs >= fromMs &&
        day.key.dayMs < toMs &&
        isCurrent(day, { mark: this.#markOf(day.key), slots }, nowMs),
    );
  }

  async hours(key: DayKey, slots: number): Promise<MarkedHours> {
    const { lanes } = this.#world.ports;
    const ofLanes = lanesOf(key.tenant, slots).map((lane) =>
      lanes.documentsBetween(lane, 'hour', key.dayMs, key.dayMs + dayMs),
    );
    return { mark: this.#markOf(key), hours: (await Promise.all(ofLanes)).flat() };
  }

  async store(day: DayDocument): Promise<void> {
    const found = this.#stored.get(nameOf(day.key));
    if (found && (found.state.mark > day.state.mark || found.state.slots > day.state.slots)) return;
    this.#stored.set(nameOf(day.key), day);
  }
}
