// What is known of a claim log: its links from the first one on, and the holder of each id, by the last link that names it.
// A link belongs to a log only if it names the one before it. Any other link has expired, and is of a log before this one.

import type { LogName } from './claim-log.ts';
import type { Identity } from './identity.ts';
import {
  checksumOfLink,
  type LinkChecksum,
  type LinkSection,
  noLink,
  previousOf,
  sectionsIn,
} from './link.ts';

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
  /** By position. */
  readonly #expiresAtMs: number[] = [];
  #leftover: Uint8Array | undefined;
  /** What the next link is to name. */
  #checksum: LinkChecksum = noLink;
  /** Others append to it, too. */
  isShared = false;

  get nextPosition(): number {
    return this.#expiresAtMs.length;
  }

  get checksum(): LinkChecksum {
    return this.#checksum;
  }

  /** When the first of its links expires. */
  get expiresAtMs(): number {
    return Math.min(...this.#expiresAtMs);
  }

  /** What a link of an earlier log holds that is where the next one belongs. Undefined if there is none. */
  get leftover(): Uint8Array | undefined {
    return this.#leftover;
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

  /** What was read behind the links that are known, in the order of positions. Returns how many belong to the log. */
  readOn(links: readonly Link[]): number {
    const before = this.nextPosition;
    this.#leftover = undefined;
    for (const link of links) this.add(link);
    return this.nextPosition - before;
  }

  /** One that is known is skipped, and so is one behind a gap: both cannot follow. */
  add({ position, data, expiresAtMs }: Link): void {
    if (position !== this.nextPosition) return;
    if (previousOf(data) !== this.#checksum) {
      this.#leftover = data;
      return;
    }
    for (const section of sectionsIn(data)) {
      if (section.isRelease) this.#release(section);
      else this.#claim(section);
    }
    this.#expiresAtMs.push(expiresAtMs);
    this.#checksum = checksumOfLink(data);
    this.#leftover = undefined;
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

  /** The links that expire before then. */
  expiringBefore(instantMs: number): { readonly position: number; readonly expiresAtMs: number }[] {
    return this.#expiresAtMs.flatMap((expiresAtMs, position) =>
      expiresAtMs < instantMs ? [{ position, expiresAtMs }] : [],
    );
  }

  prolonged(position: number, expiresAtMs: number): void {
    this.#expiresAtMs[position] = expiresAtMs;
  }
}
