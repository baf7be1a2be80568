// What storing and counting a record needs: claims of event ids, pages, and the transaction of documents and receipts.

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
  /** Claims each id, or says who holds it. Random within one call are distinct. Answers in the order asked. */
  claim(claims: readonly IdentityClaim[]): Promise<ClaimResult[]>;
  /** Ends those of these claims that their maker still holds: after `untilMs` the ids are free. */
  release(claims: readonly IdentityClaim[], untilMs: number): Promise<void>;
};

export type Pages = {
  /** Unconditional: a retry writes the same pages under the same keys. */
  write(pages: readonly Page[]): Promise<void>;
  /** A page that does not exist is no failure. */
  remove(keys: readonly PageKey[]): Promise<void>;
};

/** The new receipt, on condition that the stored one is still as it was read: absent, or in quarantine. */
export type ReceiptChange = {
  readonly from?: Receipt;
  readonly to: Receipt;
  /** Added to the quarantine list of the account when the record is quarantined, removed when it no longer is. */
  readonly entry?: QuarantineEntry;
  readonly job?: Job;
};

export type CountCommit = {
  readonly changes: readonly ReceiptChange[];
  readonly documents: readonly VersionedDocument[];
  readonly marks: readonly DayMark[];
};

/** `taken`: the records whose receipt is no longer as it was read. Where it is empty, a document has changed. */
export type CountResult =
  | { readonly outcome: 'committed' }
  | { readonly outcome: 'lost'; readonly taken: readonly RecordId[] };

export type Counts = {
  /** Consistent reads. Expired receipts are not filtered out, because a receipt guards counting (R6). */
  receipts(tenantRecords: readonly { tenant: Tenant; record: RecordId }[]): Promise<Receipt[]>;
  documents(keys: readonly DocumentKey[]): Promise<VersionedDocument[]>;
  /** All or nothing: receipts only as they were read, documents only at the version that was read. */
  commit(commit: CountCommit): Promise<CountResult>;
};

export type Receipts = {
  ofBatch(tenant: Tenant, batchId: string, parts: number): Promise<Receipt[]>;
};
