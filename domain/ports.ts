// What the domain asks of the world. Each port has an adapter for AWS and one in memory, and one contract
// suite in test/contract judges both.

import type { Account, ApiKey } from './accounts.ts';
import type { DocumentKey, VersionedDocument } from './documents.ts';
import type { Identity, IdentityClaim } from './identity.ts';
import type { Tenant } from './keys.ts';
import type { Page } from './pages.ts';
import type { Receipt, RecordId } from './receipt.ts';

export type Clock = {
  now(): number;
  sleep(durationMs: number): Promise<void>;
};

export type Ids = {
  random(bytes: number): Uint8Array;
};

/** A dependency did not answer or refused for now: the same call may succeed later. Everything else is a bug. */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
}

export type StreamRecord = { readonly partitionKey: string; readonly data: Uint8Array };

export type EventStream = {
  /** Resolves only when every record is acknowledged; rejects with Unavailable when `deadlineMs` is near. */
  put(records: readonly StreamRecord[], deadlineMs: number): Promise<void>;
};

export type ClaimResult =
  | { readonly outcome: 'claimed' }
  | { readonly outcome: 'held'; readonly by: Identity };

export type Identities = {
  /** Claims each id, or tells who holds it. Ids within one call are distinct. Answers in the order asked. */
  claim(claims: readonly IdentityClaim[]): Promise<ClaimResult[]>;
};

export type Pages = {
  /** Unconditional: a later try writes the same pages under the same keys. */
  write(pages: readonly Page[]): Promise<void>;
};

export type CountCommit = {
  readonly receipts: readonly Receipt[];
  readonly documents: readonly VersionedDocument[];
};

/** What a failed commit says: which records were counted by somebody else, and whether a document moved. */
export type CountResult =
  | { readonly outcome: 'committed' }
  | { readonly outcome: 'lost'; readonly alreadyCounted: readonly RecordId[] };

export type Counts = {
  /** Consistent reads; expired receipts are not filtered, because a receipt guards counting (R6). */
  receipts(tenantRecords: readonly { tenant: Tenant; record: RecordId }[]): Promise<Receipt[]>;
  documents(keys: readonly DocumentKey[]): Promise<VersionedDocument[]>;
  /** All or nothing: receipts only where there is none, documents only at the version that was read. */
  commit(commit: CountCommit): Promise<CountResult>;
};

export type Aggregates = {
  /** The documents of one slot and kind whose hour is in [fromMs, toMs). */
  range(
    tenant: Tenant,
    slot: number,
    kind: DocumentKey['kind'],
    fromMs: number,
    toMs: number,
  ): Promise<VersionedDocument[]>;
};

export type Receipts = {
  ofBatch(tenant: Tenant, batchId: string, parts: number): Promise<Receipt[]>;
};

export type Accounts = {
  findKey(keyId: string): Promise<ApiKey | undefined>;
  findAccount(accountId: string): Promise<Account | undefined>;
  /** False when the account is there already; nothing is changed then. */
  create(account: Account, key: ApiKey): Promise<boolean>;
  /** Every account in every environment that it has a key for. */
  tenants(): AsyncIterable<TenantListing>;
};

export type TenantListing = { readonly tenant: Tenant; readonly slots: number };

export type SigningKey = {
  /** The secret that binds batch ids to accounts; undefined until the first batch ever. */
  find(): Promise<Uint8Array | undefined>;
  /** The same, made if need be: whoever comes first decides, and all others get that one ever after. */
  ensure(): Promise<Uint8Array>;
};
