// Stores records: claims of event ids, and pages.

import type { LogName } from './claim-log.ts';
import type { Identity, IdentityClaim } from './identity.ts';
import type { Link } from './known-log.ts';
import type { Page, PageKey, PageRange } from './pages.ts';

export type ClaimResult =
  | { readonly outcome: 'claimed' }
  | { readonly outcome: 'held'; readonly by: Identity }
  /** The table did not take it in any try. */
  | { readonly outcome: 'undecided' };

export type Identities = {
  /**
   * Claims each id, or returns who holds it. The ids of one call must be distinct. Results are in the order of the
   * claims.
   */
  claim(claims: readonly IdentityClaim[]): Promise<ClaimResult[]>;
  /** Ends the claims that their record still holds: after `untilMs` the ids are free. */
  release(claims: readonly IdentityClaim[], untilMs: number): Promise<void>;
  /** The holder of an id, also one whose time has ended. As of a moment ago: half the price of a consistent read. */
  find(key: string): Promise<Identity | undefined>;
};

/** `after`: the position of the last link that is known, or -1. */
export type LogRange = { readonly log: LogName; readonly after: number };

/** Logs of claims, and nothing of what they mean. */
export type ClaimLogs = {
  /** All links of each range, in order. */
  read(ranges: readonly LogRange[], consistent?: boolean): Promise<readonly (readonly Link[])[]>;
  /** Of each range the link that follows `after`. A hundred logs take one call, and `read` takes one for each. */
  readNext(ranges: readonly LogRange[]): Promise<readonly (Link | undefined)[]>;
  /** Each only if its position is empty. Not two of one log in one call. In the order of the links. */
  append(links: readonly Link[]): Promise<readonly ('appended' | 'taken' | 'undecided')[]>;
  /** Keeps a link for longer, if it is there and expires when this says. */
  prolong(link: Pick<Link, 'log' | 'position' | 'expiresAtMs'>, expiresAtMs: number): Promise<boolean>;
  /** Puts a link in its place if that holds this data. */
  replace(link: Link, data: Uint8Array): Promise<boolean>;
};

/** `after`: the sort key where the slice before it ended. */
export type SliceOf = { readonly isBackwards: boolean; readonly limit: number; readonly after?: string };
/** `next`: where it ended, if there may be more. `units`: what reading it cost. */
export type PageSlice = { readonly pages: number; readonly next?: string; readonly units: number };
/** `bytes`: of its events as JSON, which can be much more than the page takes in the table. */
export type UnpackedPage = Page & { readonly bytes: number };

export type Pages = {
  /**
   * Without a condition, because a retry writes the same pages under the same keys. Returns those that the table did not
   * take in any try.
   */
  write(pages: readonly Page[]): Promise<readonly PageKey[]>;
  /** As of a moment ago. */
  read(range: PageRange): Promise<readonly Page[]>;
  /**
   * The next pages of a range, in the order of their keys or backwards. As of a moment ago. They are unpacked one by one for
   * `take`, which says whether to go on: all of them together could be more than a function holds.
   */
  slice(range: PageRange, how: SliceOf, take: (page: UnpackedPage) => boolean): Promise<PageSlice>;
  /** Ignores pages that do not exist. */
  remove(keys: readonly PageKey[]): Promise<void>;
};
