// A platform key in memory.

import type { PlatformKey } from '../../domain/signing/port.ts';
import type { Random } from '../../domain/system/port.ts';

export class MemoryPlatformKey implements PlatformKey {
  readonly #random: Random;
  #secret: Uint8Array | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  async find(): Promise<Uint8Array | undefined> {
    return this.#secret;
  }

  async ensure(): Promise<Uint8Array> {
    this.#secret ??= this.#random.bytes(32);
    return this.#secret;
  }
}
