// The busiest accounts, in memory.

import type { Busiest } from '../../domain/accounts/busiest.ts';
import type { BusiestList } from '../../domain/accounts/port.ts';

export class MemoryBusiest implements BusiestList {
  #busiest: Busiest | undefined;

  async find(): Promise<Busiest | undefined> {
    return this.#busiest;
  }

  async keep(busiest: Busiest): Promise<void> {
    this.#busiest = busiest;
  }
}
