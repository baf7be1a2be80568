// The openings of circuits, in memory.

import { type Tenant, tenantKey } from '../../domain/keys.ts';
import type { Opening } from '../../domain/limits/circuit.ts';
import type { Openings } from '../../domain/limits/port.ts';

export class MemoryOpenings implements Openings {
  readonly #openings = new Map<string, Opening>();

  async find(tenant: Tenant): Promise<Opening | undefined> {
    return this.#openings.get(tenantKey(tenant));
  }

  async keep(tenant: Tenant, opening: Opening): Promise<void> {
    const before = this.#openings.get(tenantKey(tenant));
    if (!before || before.untilMs < opening.untilMs) this.#openings.set(tenantKey(tenant), opening);
  }
}
