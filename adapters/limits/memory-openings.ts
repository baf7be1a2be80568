// The openings of circuits, in memory.

import { type Sender, senderKey } from '../../domain/keys.ts';
import type { Opening } from '../../domain/limits/circuit.ts';
import type { Openings } from '../../domain/limits/port.ts';

export class MemoryOpenings implements Openings {
  readonly #openings = new Map<string, Opening>();

  async find(sender: Sender): Promise<Opening | undefined> {
    return this.#openings.get(senderKey(sender));
  }

  async keep(sender: Sender, opening: Opening): Promise<void> {
    const before = this.#openings.get(senderKey(sender));
    if (!before || before.untilMs < opening.untilMs) this.#openings.set(senderKey(sender), opening);
  }
}
