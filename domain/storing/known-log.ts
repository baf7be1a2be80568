// What is known of a claim log: the holder of each id, by the last link that names it, and the end of the log.

import type { LogName } from './claim-log.ts';
import type { Identity } from './identity.ts';
import { type LinkSection, sectionsIn } from './link.ts';

export type Link = {
  readonly log: LogName;
  readonly position: number;
  readonly data: Uint8Array;
  /** In whole seconds, as a table keeps it. */
  readonly expiresAtMs: number;
};

/** A number names an id in a section, so that an id that is known takes some 100 bytes. */
const idsOfSection = 2 ** 16;

export class KnownLog {
  readonly #sections: LinkSection[] = [];
  readonly #holders = new Map<string, number>();
  readonly #releasedUntilMs = new Map<string, number>();
  #end: Pick<Link, 'position' | 'expiresAtMs'> | undefined;
  /** Others append to it, too. */
  isShared = false;
  /** When it was last known to its end. */
  asOfMs = Number.NEGATIVE_INFINITY;

  /** Undefined as long as it has no link. */
  get end(): Pick<Link, 'position' | 'expiresAtMs'> | undefined {
    return this.#end;
  }

  get nextPosition(): number {
    return this.#end ? this.#end.position + 1 : 0;
  }

  get ids(): number {
    return this.#holders.size;
  }

  holderOf(id: string): Identity | undefined {
    const at = this.#holders.get(id);
    if (at === undefined) return undefined;
    const claim = this.#sections[Math.floor(at / idsOfSection)]?.claimAt(at % idsOfSection);
    const releasedUntilMs = this.#releasedUntilMs.get(id);
    return claim && releasedUntilMs !== undefined ? { ...claim, untilMs: releasedUntilMs } : claim;
  }

  /** In the order of their positions. One that is known is skipped. */
  add({ position, data, expiresAtMs }: Link): void {
    if (position < this.nextPosition) return;
    for (const section of sectionsIn(data)) {
      if (section.isRelease) this.#release(section);
      else this.#claim(section);
    }
    this.#end = { position, expiresAtMs };
  }

  #claim(section: LinkSection): void {
    const first = this.#sections.push(section) * idsOfSection - idsOfSection;
    for (let index = 0; index < section.ids; index += 1) {
      const id = section.idAt(index);
      this.#holders.set(id, first + index);
      this.#releasedUntilMs.delete(id);
    }
  }

  #release(section: LinkSection): void {
    for (let index = 0; index < section.ids; index += 1) {
      const id = section.idAt(index);
      const by = this.holderOf(id);
      if (by?.record === section.record && by.untilMs > section.untilMs)
        this.#releasedUntilMs.set(id, section.untilMs);
    }
  }

  prolonged(expiresAtMs: number): void {
    if (this.#end) this.#end = { ...this.#end, expiresAtMs };
  }
}
