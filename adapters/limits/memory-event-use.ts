// What is used of the limits of accounts, in memory.

import { type Tenant, tenantKey } from '../../domain/keys.ts';
import { microsOf } from '../../domain/limits/event-rate.ts';
import type { Charge, Charged, EventUse } from '../../domain/limits/port.ts';

export class MemoryEventUse implements EventUse {
  readonly #usedUntil = new Map<string, number>();

  async charge(tenant: Tenant, { cost, room, nowMs }: Charge): Promise<Charged> {
    const name = tenantKey(tenant);
    const now = microsOf(nowMs);
    const found = this.#usedUntil.get(name) ?? 0;
    if (found > now + room) return { isCharged: false, usedUntil: found };
    const usedUntil = Math.max(found, now) + cost;
    this.#usedUntil.set(name, usedUntil);
    return { isCharged: true, usedUntil };
  }
}
