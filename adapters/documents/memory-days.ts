// Folds of days in memory. Hours and marks are those of the lanes.

import {
  asStored,
  type DayDocument,
  type DayKey,
  type DayKind,
  type DayState,
  hoursOfDay,
  type StoredDay,
} from '../../domain/documents/day.ts';
import type { Days, MarkedHours } from '../../domain/documents/port.ts';
import { type Tenant, tenantKey } from '../../domain/keys.ts';
import type { MemoryLanes } from '../counting/memory-lanes.ts';

const isNoLess = (a: DayState, b: DayState): boolean =>
  a.mark > b.mark || (a.mark === b.mark && a.slots >= b.slots);
const nameOf = ({ tenant, dayMs }: DayKey): string => `${tenantKey(tenant)}#${dayMs}`;

export class MemoryDays implements Days {
  readonly #lanes: Pick<MemoryLanes, 'documents' | 'marks'>;
  readonly #days = new Map<string, DayDocument>();

  constructor(lanes: Pick<MemoryLanes, 'documents' | 'marks'>) {
    this.#lanes = lanes;
  }

  async stored(
    kind: DayKind,
    tenant: Tenant,
    slots: number,
    fromMs: number,
    toMs: number,
    nowMs: number,
  ): Promise<StoredDay[]> {
    return [...this.#days.values()]
      .filter(
        ({ kind: own, key }) =>
          own === kind &&
          tenantKey(key.tenant) === tenantKey(tenant) &&
          key.dayMs >= fromMs &&
          key.dayMs < toMs,
      )
      .flatMap((day) => asStored(day, { mark: this.#markOf(day.key), slots }, nowMs) ?? []);
  }

  async hours(day: DayKey, slots: number): Promise<MarkedHours> {
    return { mark: this.#markOf(day), hours: await this.#lanes.documents(hoursOfDay(day, slots)) };
  }

  async store(day: DayDocument): Promise<void> {
    const name = `${day.kind} ${nameOf(day.key)}`;
    const found = this.#days.get(name);
    if (!found || isNoLess(day.state, found.state)) this.#days.set(name, day);
  }

  #markOf(day: DayKey): number {
    return this.#lanes.marks.get(nameOf(day)) ?? 0;
  }
}
