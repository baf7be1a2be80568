// Platform keys in memory.

import type { KnownPlatformKeys, PlatformKeys } from '../../domain/signing/port.ts';
import type { NumberedKey } from '../../domain/signing/signing-secrets.ts';
import type { Random } from '../../domain/system/port.ts';

export class MemoryPlatformKeys implements PlatformKeys, KnownPlatformKeys {
  readonly #random: Random;
  #first: NumberedKey | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  async find(number: number): Promise<NumberedKey | undefined> {
    return this.#first?.number === number ? this.#first : undefined;
  }

  async newest(): Promise<NumberedKey | undefined> {
    return this.#first;
  }

  async current(): Promise<NumberedKey> {
    this.#first ??= { number: 1, secret: this.#random.bytes(32) };
    return this.#first;
  }
}
