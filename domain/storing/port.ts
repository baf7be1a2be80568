// Stores records: claims of event ids, and pages.

import type { Identity, IdentityClaim } from './identity.ts';
import type { Page, PageKey } from './pages.ts';

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
};

export type Pages = {
  /**
   * Without a condition, because a retry writes the same pages under the same keys. Returns those that the table did not
   * take in any try.
   */
  write(pages: readonly Page[]): Promise<readonly PageKey[]>;
  /** Ignores pages that do not exist. */
  remove(keys: readonly PageKey[]): Promise<void>;
};
