// Accounts, their API keys, members and audit log, as they are stored. What changes one of them also writes the entries.

import type { Tenant } from '../keys.ts';
import type { Account, Principal } from './accounts.ts';
import type { Announcement } from './announcements.ts';
import type { ApiKey, LastUse } from './api-keys.ts';
import type { AuditEntry } from './audit.ts';
import type { Busiest } from './busiest.ts';
import type { Notice } from './notices.ts';
import type { Member } from './people.ts';
import type { Role } from './roles.ts';

export type Accounts = {
  /** Undefined if there is no such key, or if it is not of this account in its generation. */
  findPrincipal(accountId: string, keyId: string): Promise<Principal | undefined>;
  findAccount(accountId: string): Promise<Account | undefined>;
  /** The one in force, or in which the account would be created. */
  generationOf(accountId: string): Promise<number>;
  /** False if the account exists already, or if its generation is another one by now. Then nothing changes. */
  create(account: Account, key: ApiKey, entries: readonly AuditEntry[]): Promise<boolean>;
  /**
   * Of `after`, the `changingSettings`. False if that is not as in `before` any more, or if there is no such account:
   * then nothing changes.
   */
  update(before: Account, after: Account, entry: AuditEntry): Promise<boolean>;
  /** Raises the generation, too. False if the account is not as it was read any more. Then nothing changes. */
  delete(before: Account, entry: AuditEntry): Promise<boolean>;
  /** In the order of their ids. */
  page(request: PageRequest): Promise<AccountPage>;
  /** Each account, once for each environment that it ever had a key for in its generation: keys can go before the data. */
  tenants(): AsyncIterable<TenantListing>;
};

/** What verbs change of an account. Policies and signing secrets change apart, with the items that they name. */
export const changingSettings = [
  'tier',
  'overrides',
  'limitsMode',
  'quotaMode',
  'status',
  'suspension',
  'mostSlots',
  'formerMostSlots',
  'formerRetentions',
  'stream',
  'prioritySlots',
  'planKey',
  'formerPlanKey',
] as const satisfies readonly (keyof Account)[];

/** `after`: the id of the account that the page before ended with. */
export type PageRequest = { readonly count: number; readonly after?: string | undefined };
/** `next` is absent on the last page. */
export type AccountPage = { readonly accounts: readonly Account[]; readonly next?: string };

export type TenantListing = { readonly tenant: Tenant; readonly mostSlots: number };

export type ApiKeys = {
  /** All that the account ever had in its generation, in the order in which they were created. */
  list(account: string): Promise<readonly UsedKey[]>;
  /** False if there is no such account. Then nothing changes. */
  add(key: ApiKey, entry: AuditEntry): Promise<boolean>;
  /** Of `after`, when it ends and what replaces it. False if that is not as in `before` any more: then nothing changes. */
  change(change: KeyChange): Promise<boolean>;
};

/** `added`: a key that is made in the same transaction. */
export type KeyChange = {
  readonly before: ApiKey;
  readonly after: ApiKey;
  readonly added?: ApiKey;
  readonly entries: readonly AuditEntry[];
};

/** `lastUse` is absent for a key never used. */
export type UsedKey = { readonly key: ApiKey; readonly lastUse?: LastUse };

export type LastUses = {
  /** For a request that waits for it: it fails soon rather than take long. */
  write(keyId: string, use: LastUse): Promise<void>;
};

export type Generations = {
  /** The generation in force of each account that was ever deleted; that of the others is 0. */
  find(accounts: readonly string[]): Promise<ReadonlyMap<string, number>>;
};

/** API Gateway's keys, which tie accounts to usage plans. */
export type PlanKeys = {
  /** Those of exactly this name. */
  find(name: string): Promise<readonly PlanKey[]>;
  create(name: string, value: string): Promise<PlanKey>;
  /** Undefined if it is on none. */
  planOf(key: PlanKey): Promise<string | undefined>;
  /** A key can be on one plan. Nothing happens if it is on this one already. */
  attach(key: PlanKey, usagePlanId: string): Promise<void>;
  /** Nothing happens if it is gone. */
  remove(key: PlanKey): Promise<void>;
};

export type PlanKey = { readonly id: string; readonly value: string };

export type Members = {
  /** In the order of their names. */
  list(account: string): Promise<readonly Member[]>;
  find(account: string, person: string): Promise<Member | undefined>;
  /** False if there is no such account, or if he is a member already. Then nothing changes. */
  add(member: Member, entry: AuditEntry): Promise<boolean>;
  /** Of `after`, the role. False if it is not as in `before` any more, or `staying` not as it was: then nothing changes. */
  change(before: Member, after: Member, entry: AuditEntry, staying?: Member): Promise<boolean>;
  /** False if it is not as in `before` any more, or `staying` not as it was: then nothing changes. */
  remove(before: Member, entry: AuditEntry, staying?: Member): Promise<boolean>;
};

/** What a request of a person is judged by. `role` is absent if he is no member, `account` if there is none. */
export type Membership = {
  readonly account?: Account;
  readonly role?: Role;
  /** The account has the environment: it ever made a key in it. */
  readonly hasEnvironment?: boolean;
};

export type Memberships = {
  /** In one read. */
  find(person: string, account: string, environment: string): Promise<Membership>;
  /** The ids of accounts that he is a member of, at most so many. */
  accountsOf(person: string, most: number): Promise<readonly string[]>;
};

/** The keys of the stage's OIDC issuer, as it publishes them now. */
export type IssuerKeys = {
  /** A JSON Web Key Set, not checked. Fails soon rather than take long. */
  read(): Promise<unknown>;
};

export type AuditLog = {
  /** Of an act without a transaction, before it begins. */
  write(entries: readonly AuditEntry[]): Promise<void>;
  /** From `fromMs` until before `toMs`, the oldest first. */
  list(account: string, range: TimeRange): Promise<AuditEntry[]>;
  /** The same, the newest first and at most `limit`, from the entry at the position on. */
  page(account: string, range: TimeRange, limit: number, at?: AuditPosition): Promise<AuditPage>;
};

export type TimeRange = { readonly fromMs: number; readonly toMs: number };
/** Of an entry among those of its account: its sort key. */
export type AuditPosition = string;
/** `next`: where the next page begins. Absent on the last one. */
export type AuditPage = { readonly entries: readonly AuditEntry[]; readonly next?: AuditPosition };
export type Notices = {
  /** False if the same was noticed in this minute already. For a request that waits for it: it fails soon. */
  write(notice: Notice): Promise<boolean>;
};

/** `refused`: it will not be taken at another try either. */
export type PutOutcome = 'put' | 'failed' | 'refused';

export type EventBus = {
  /** An outcome for each, in their order. Rejects if all failed together. */
  put(announcements: readonly Announcement[]): Promise<readonly PutOutcome[]>;
};

export type BusiestList = {
  /** Undefined before report has run. */
  find(): Promise<Busiest | undefined>;
  /** In place of the one before. */
  keep(busiest: Busiest): Promise<void>;
};
