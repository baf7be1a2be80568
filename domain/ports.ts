// What the domain asks of the world. Each port has an adapter for AWS and one in memory, and one contract
// suite in test/contract judges both.

import type { Account, ApiKey } from './accounts/accounts.ts';
import type { DayDocument, DayKey } from './documents/day.ts';
import type { DocumentKey, VersionedDocument } from './documents/documents.ts';
import type { IdempotencyRecord, PackedOutcome } from './idempotency/idempotency.ts';
import type { Tenant } from './keys.ts';
import type { PersonalDataPolicy } from './personal-data/personal-data.ts';
import type { Chore, QuarantineEntry } from './quarantine/quarantine.ts';
import type { SealedSecrets } from './signing/signing-secrets.ts';
import type { Identity, IdentityClaim } from './storing/identity.ts';
import type { Page, PageKey } from './storing/pages.ts';
import type { Receipt, RecordId } from './storing/receipt.ts';

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
  /** What the client is told, where the cause knows more than that something is unavailable. */
  readonly problem?: 'circuit_open' | 'overloaded';
  /** How long waiting is worth it, where the cause knows. */
  readonly retryAfterSeconds?: number;
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
  /** Ends those of these claims that are still held by who made them: after `untilMs` the ids are free. */
  release(claims: readonly IdentityClaim[], untilMs: number): Promise<void>;
};

export type Pages = {
  /** Unconditional: a later try writes the same pages under the same keys. */
  write(pages: readonly Page[]): Promise<void>;
  /** Those that are there; the others are no failure. */
  remove(keys: readonly PageKey[]): Promise<void>;
};

/** A receipt as it shall be, on condition that it still is as it was read: absent, or in quarantine. */
export type ReceiptChange = {
  readonly from?: Receipt;
  readonly to: Receipt;
  /** Joins the list of its account where the record is set aside; it leaves the list where it is no longer. */
  readonly entry?: QuarantineEntry;
  readonly chore?: Chore;
};

/** A closed day of an account into which something was counted late: folds of it that were made before are stale. */
export type DayMark = { readonly tenant: Tenant; readonly dayMs: number; readonly expiresAtMs: number };

export type CountCommit = {
  readonly changes: readonly ReceiptChange[];
  readonly documents: readonly VersionedDocument[];
  readonly marks: readonly DayMark[];
};

/** What a failed commit says: whose receipts are not as they were read. Where none is, a document moved. */
export type CountResult =
  | { readonly outcome: 'committed' }
  | { readonly outcome: 'lost'; readonly taken: readonly RecordId[] };

export type Counts = {
  /** Consistent reads; expired receipts are not filtered, because a receipt guards counting (R6). */
  receipts(tenantRecords: readonly { tenant: Tenant; record: RecordId }[]): Promise<Receipt[]>;
  documents(keys: readonly DocumentKey[]): Promise<VersionedDocument[]>;
  /** All or nothing: receipts only as they were read, documents only at the version that was read. */
  commit(commit: CountCommit): Promise<CountResult>;
};

export type Quarantine = {
  /** Of records received in [fromMs, toMs), the oldest first. */
  list(tenant: Tenant, fromMs: number, toMs: number): AsyncIterable<QuarantineEntry>;
  /** All there are, the last received first. */
  newest(tenant: Tenant): AsyncIterable<QuarantineEntry>;
  find(tenant: Tenant, record: RecordId, receivedAtMs: number): Promise<QuarantineEntry | undefined>;
  /** One more attempt. False where somebody else is at it, or where it left the list. */
  lease(entry: QuarantineEntry, nowMs: number, untilMs: number): Promise<boolean>;
  /** Ends a lease before its time. */
  release(entry: QuarantineEntry): Promise<void>;
  /** Those due by now, the longest due first. */
  chores(nowMs: number, most: number): Promise<Chore[]>;
  /** Does it later; undefined: never again. */
  reschedule(chore: Chore, dueAtMs: number | undefined): Promise<void>;
};

/** The bucket of what could not be brought home, by name. */
export type FailedRecords = {
  put(name: string, data: Uint8Array): Promise<void>;
  /** Undefined where there is no such one, or no longer. */
  get(name: string): Promise<Uint8Array | undefined>;
  remove(name: string): Promise<void>;
  list(
    prefix: string,
  ): AsyncIterable<{ readonly name: string; readonly bytes: number; readonly storedAtMs: number }>;
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

/** The hours of a day that are there, and how often something was counted into it late, all as of one instant. */
export type MarkedHours = { readonly mark: number; readonly hours: readonly VersionedDocument[] };

/** Folds of days. Every one of them can be made again from its hours. */
export type Days = {
  /** The good ones of the days that begin in [fromMs, toMs). */
  good(
    tenant: Tenant,
    slots: number,
    fromMs: number,
    toMs: number,
    nowMs: number,
  ): Promise<readonly DayDocument[]>;
  /** Undefined where they kept moving while they were read. */
  hours(day: DayKey, slots: number): Promise<MarkedHours | undefined>;
  /** Unless there is one of a later mark, or of more slots. */
  keep(day: DayDocument): Promise<void>;
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

/** Policies on personal data. One never changes under its name: another one has another name. */
export type Policies = {
  find(account: string, name: string): Promise<PersonalDataPolicy | undefined>;
  /** Puts the policy in force for the account; undefined ends the one that is. False where there is no such account. */
  assign(account: string, policy: PersonalDataPolicy | undefined): Promise<boolean>;
};

export type SigningSecrets = {
  /** The secrets that the requests of the account may be signed with; undefined where they need no signature. */
  find(account: string): Promise<SealedSecrets | undefined>;
  /**
   * Replaces the secrets that were read. False where they are no longer those of `version`, or where there is no such
   * account.
   */
  replace(account: string, version: string | undefined, secrets: SealedSecrets | undefined): Promise<boolean>;
};

export type UsedSignatures = {
  /** False where the signature was used before. Remembered until `untilMs`. */
  use(account: string, digest: string, nowMs: number, untilMs: number): Promise<boolean>;
};

export type IdempotencyKeys = {
  /** Writes the record where there is none, or none that is still in force; else tells the one that is there. */
  begin(
    tenant: Tenant,
    name: string,
    record: IdempotencyRecord,
    nowMs: number,
  ): Promise<IdempotencyRecord | undefined>;
  /** Takes the lease of a record over. False where it is no longer the one that was read. */
  takeOver(tenant: Tenant, name: string, found: IdempotencyRecord, leaseUntilMs: number): Promise<boolean>;
  /** Ends the lease: with an answer that later requests get too, or without, for the next one to try again. */
  end(tenant: Tenant, name: string, leaseUntilMs: number, answer: PackedOutcome | undefined): Promise<void>;
};
