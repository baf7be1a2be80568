// Folds of days in memory. Hours and marks are those of the lanes.

import {
  type DayDocument,
  type DayKey,
  type DayState,
  hoursOfDay,
  isCurrent,
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

  async current(
    tenant: Tenant,
    slots: number,
    fromMs: number,
    toMs: number,
    nowMs: number,
  ): Promise<DayDocument[]> {
    return [...this.#days.values()].filter(
      (day) =>
        tenantKey(day.key.tenant) === tenantKey(tenant) &&
        day.key.dayMs >= fromMs &&
        day.key.dayMs < toMs &&
        isCurrent(day, { mark: this.#markOf(day.key), slots }, nowMs),
    );
  }

  async hours(day: DayKey, slots: number): Promise<MarkedHours> {
    return { mark: this.#markOf(day), hours: await this.#lanes.documents(hoursOfDay(day, slots)) };
  }

  async store(day: DayDocument): Promise<void> {
    const found = this.#days.get(nameOf(day.key));
    if (!found || isNoLess(day.state, found.state)) this.#days.set(nameOf(day.key), day);
  }

  #markOf(day: DayKey): number {
    return this.#lanes.marks.get(nameOf(day)) ?? 0;
  }
}
