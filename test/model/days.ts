// The folds of days of one history, in memory.

import {
  asStored,
  type DayDocument,
  type DayKey,
  type DayKind,
  hoursOfDay,
} from '../../domain/documents/day.ts';
import type { Days, MarkedHours } from '../../domain/documents/port.ts';
import { type Tenant, tenantKey } from '../../domain/keys.ts';
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

  async stored(kind: DayKind, tenant: Tenant, slots: number, fromMs: number, toMs: number, nowMs: number) {
    return [...this.#stored.values()]
      .filter(
        ({ kind: own, key }) =>
          own === kind &&
          tenantKey(key.tenant) === tenantKey(tenant) &&
          key.dayMs >= fromMs &&
          key.dayMs < toMs,
      )
      .flatMap((day) => asStored(day, { mark: this.#markOf(day.key), slots }, nowMs) ?? []);
  }

  async hours(key: DayKey, slots: number): Promise<MarkedHours> {
    const { lanes } = this.#world.ports;
    return { mark: this.#markOf(key), hours: await lanes.documents(hoursOfDay(key, slots)) };
  }

  async store(day: DayDocument): Promise<void> {
    const name = `${day.kind} ${nameOf(day.key)}`;
    const found = this.#stored.get(name);
    if (found && (found.state.mark > day.state.mark || found.state.slots > day.state.slots)) return;
    this.#stored.set(name, day);
  }
}
