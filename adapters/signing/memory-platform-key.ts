// A signing key in memory.

import type { Ids, SigningKey } from '../../domain/ports.ts';

export class MemorySigningKey implements SigningKey {
  readonly #ids: Ids;
  #secret: Uint8Array | undefined;

  constructor(ids: Ids) {
    this.#ids = ids;
  }

  async find(): Promise<Uint8Array | undefined> {
    return this.#secret;
  }

  async ensure(): Promise<Uint8Array> {
    this.#secret ??= this.#ids.random(32);
    return this.#secret;
  }
}
