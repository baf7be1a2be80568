// Stores and counts records: claims of event ids, pages, and the transaction of documents and receipts.

import type { DayMark, DocumentKey, VersionedDocument } from '../documents/documents.ts';
import type { Tenant } from '../keys.ts';
import type { Job, QuarantineEntry } from '../quarantine/quarantine.ts';
import type { RecordId } from '../record/record-id.ts';
import type { Identity, IdentityClaim } from './identity.ts';
import type { Page, PageKey } from './pages.ts';
import type { Receipt } from './receipt.ts';

export type ClaimResult =
  | { readonly outcome: 'claimed' }
  | { readonly outcome: 'held'; readonly by: Identity };

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
  /** Without a condition, because a retry writes the same pages under the same keys. */
  write(pages: readonly Page[]): Promise<void>;
  /** Ignores pages that do not exist. */
  remove(keys: readonly PageKey[]): Promise<void>;
};

/** Writes the receipt `to` on condition that the stored one is still `from`. Without `from`, there must be none. */
export type ReceiptChange = {
  readonly from?: Receipt;
  readonly to: Receipt;
  /** Put into the quarantine list. Without it, the entry of a receipt `from` that was quarantined is removed. */
  readonly entry?: QuarantineEntry;
  readonly job?: Job;
};

export type CountCommit = {
  readonly changes: readonly ReceiptChange[];
  readonly documents: readonly VersionedDocument[];
  readonly marks: readonly DayMark[];
};

/** `taken`: the records whose receipt has changed since it was read. If it is empty, a document has changed. */
export type CountResult =
  | { readonly outcome: 'committed' }
  | { readonly outcome: 'lost'; readonly taken: readonly RecordId[] };

export type Counts = {
  /**
   * Consistent reads. Returns expired receipts too, because a receipt guards counting for as long as it exists (R6).
   */
  receipts(tenantRecords: readonly { tenant: Tenant; record: RecordId }[]): Promise<Receipt[]>;
  documents(keys: readonly DocumentKey[]): Promise<VersionedDocument[]>;
  /** All or nothing, and only if receipts and documents are still as they were read. */
  commit(commit: CountCommit): Promise<CountResult>;
};

export type Receipts = {
  ofBatch(tenant: Tenant, batchId: string, parts: number): Promise<Receipt[]>;
};
