// Accounts, their API keys, members and audit log in memory.

import { isDeepStrictEqual } from 'node:util';
import { type Account, ownsKey, type Principal } from '../../domain/accounts/accounts.ts';
import type { ApiKey, LastUse } from '../../domain/accounts/api-keys.ts';
import type { AuditEntry } from '../../domain/accounts/audit.ts';
import { type Notice, onceFromMs, subjectOf } from '../../domain/accounts/notices.ts';
import type { Member } from '../../domain/accounts/people.ts';
import {
  type AccountPage,
  type Accounts,
  type ApiKeys,
  type AuditLog,
  changingSettings,
  type Generations,
  type KeyChange,
  type LastUses,
  type Members,
  type Memberships,
  type Notices,
  type PageRequest,
  type TenantListing,
  type UsedKey,
} from '../../domain/accounts/port.ts';
import { auditSortKey, type Tenant } from '../../domain/keys.ts';

export class MemoryAccounts implements Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #generations = new Map<string, number>();
  readonly #environments = new Map<string, Tenant>();
  readonly #keys = new Map<string, ApiKey>();
  readonly #lastUses = new Map<string, LastUse>();
  /** By account and person. */
  readonly #members = new Map<string, Member>();
  readonly #audit: AuditEntry[] = [];

  readonly keys: ApiKeys = {
    list: async (account) =>
      [...this.#keys.values()]
        .filter((key) => this.#owns(account, key))
        .toSorted((one, other) => one.createdAtMs - other.createdAtMs || (one.id < other.id ? -1 : 1))
        .map((key) => this.#withUse(key)),
    add: async (key, entry) => {
      if (!this.#owns(key.account, key)) return false;
      this.#addKey(key);
      this.#audit.push(entry);
      return true;
    },
    change: async ({ before, after, added, entries }: KeyChange) => {
      const now = this.#keys.get(before.id);
      if (!now || endOf(now) !== endOf(before)) return false;
      this.#keys.set(after.id, after);
      if (added) this.#addKey(added);
      this.#audit.push(...entries);
      return true;
    },
  };

  readonly lastUses: LastUses = {
    write: async (keyId, use) => void this.#lastUses.set(keyId, use),
  };

  readonly members: Members = {
    list: async (account) =>
      [...this.#members.values()]
        .filter((member) => member.account === account && this.#isMember(member))
        .toSorted((one, other) => (one.person < other.person ? -1 : 1)),
    find: async (account, person) => {
      const member = this.#members.get(memberName({ account, person }));
      return member && this.#isMember(member) ? member : undefined;
    },
    add: async (member, entry) => {
      if (!this.#isMember(member) || (await this.members.find(member.account, member.person))) return false;
      this.#members.set(memberName(member), member);
      this.#audit.push(entry);
      return true;
    },
    change: async (before, after, entry, staying = before) => {
      if (!this.#hasRole(before) || !this.#hasRole(staying)) return false;
      this.#members.set(memberName(after), after);
      this.#audit.push(entry);
      return true;
    },
    remove: async (before, entry, staying = before) => {
      if (!this.#hasRole(before) || !this.#hasRole(staying)) return false;
      this.#members.delete(memberName(before));
      this.#audit.push(entry);
      return true;
    },
  };

  /** The last one of each subject. */
  readonly noticed = new Map<string, Notice>();

  readonly notices: Notices = {
    write: async (notice) => {
      const name = subjectOf(notice);
      const before = this.noticed.get(name);
      if (before && onceFromMs(before) >= onceFromMs(notice)) return false;
      this.noticed.set(name, notice);
      return true;
    },
  };

  readonly memberships: Memberships = {
    find: async (person, accountId, environment) => {
      const account = this.#accounts.get(accountId);
      const member = await this.members.find(accountId, person);
      const tenant = this.#environments.get(`${accountId}#${environment}`);
      return {
        ...(account && { account }),
        ...(member && { role: member.role }),
        ...(tenant && account?.generation === tenant.generation && { hasEnvironment: true }),
      };
    },
    accountsOf: async (person, most) =>
      [...this.#members.values()]
        .filter((member) => member.person === person && this.#isMember(member))
        .map(({ account }) => account)
        .toSorted()
        .slice(0, most),
  };

  readonly generations: Generations = {
    find: async (accounts) =>
      new Map([...this.#generations].filter(([account]) => accounts.includes(account))),
  };

  readonly auditLog: AuditLog = {
    write: async (entries) => void this.#audit.push(...entries),
    list: async (account, { fromMs, toMs }) =>
      this.#audit
        .filter((entry) => entry.account === account && entry.atMs >= fromMs && entry.atMs < toMs)
        .toSorted((one, other) => (positionOf(one) < positionOf(other) ? -1 : 1)),
    page: async (account, range, limit, at) => {
      const newestFirst = (await this.auditLog.list(account, range)).toReversed();
      const left = newestFirst.filter((entry) => at === undefined || positionOf(entry) <= at);
      const following = left[limit];
      return {
        entries: left.slice(0, limit),
        ...(following && { next: positionOf(following) }),
      };
    },
  };

  async findPrincipal(accountId: string, keyId: string): Promise<Principal | undefined> {
    const key = this.#keys.get(keyId);
    const account = this.#accounts.get(accountId);
    return key && account && ownsKey(account, key) ? { ...this.#withUse(key), account } : undefined;
  }

  async findAccount(accountId: string): Promise<Account | undefined> {
    return this.#accounts.get(accountId);
  }

  async generationOf(accountId: string): Promise<number> {
    return this.#generations.get(accountId) ?? 0;
  }

  async create(account: Account, key: ApiKey, entries: readonly AuditEntry[]): Promise<boolean> {
    if (this.#accounts.has(account.id)) return false;
    if (account.generation !== (this.#generations.get(account.id) ?? 0)) return false;
    this.#accounts.set(account.id, account);
    this.#addKey(key);
    this.#audit.push(...entries);
    return true;
  }

  async update(before: Account, after: Account, entry: AuditEntry): Promise<boolean> {
    const account = this.#accounts.get(before.id);
    if (!account || !isUnchanged(account, before)) return false;
    const kept = Object.entries({ ...account, ...changingOf(after) });
    this.#accounts.set(before.id, withoutUndefined(kept) as Account);
    this.#audit.push(entry);
    return true;
  }

  async delete(before: Account, entry: AuditEntry): Promise<boolean> {
    const account = this.#accounts.get(before.id);
    if (!account || !isUnchanged(account, before)) return false;
    this.#accounts.delete(before.id);
    this.#generations.set(before.id, before.generation + 1);
    this.#audit.push(entry);
    return true;
  }

  async page({ count, after = '' }: PageRequest): Promise<AccountPage> {
    const ids = [...this.#accounts.keys()].toSorted().filter((id) => id > after);
    const accounts = ids.slice(0, count).flatMap((id) => this.#accounts.get(id) ?? []);
    const next = ids.length > count ? ids[count - 1] : undefined;
    return { accounts, ...(next !== undefined && { next }) };
  }

  signingOf(accountId: string): string | undefined {
    return this.#accounts.get(accountId)?.signing;
  }

  /** For the adapters of policies and signing secrets. Undefined removes a field. False if there is no such account. */
  change(
    accountId: string,
    fields: Pick<Account, 'policy' | 'signing'>,
    entries: readonly AuditEntry[],
  ): boolean {
    const account = this.#accounts.get(accountId);
    if (!account) return false;
    this.#accounts.set(accountId, withoutUndefined(Object.entries({ ...account, ...fields })) as Account);
    this.#audit.push(...entries);
    return true;
  }

  async *tenants(): AsyncIterable<TenantListing> {
    for (const tenant of this.#environments.values()) {
      const account = this.#accounts.get(tenant.account);
      if (account?.generation === tenant.generation) yield { tenant, mostSlots: account.mostSlots };
    }
  }

  #addKey(key: ApiKey): void {
    this.#keys.set(key.id, key);
    const { account, environment, generation } = key;
    this.#environments.set(`${account}#${environment}`, { account, environment, generation });
  }

  #owns(accountId: string, key: ApiKey): boolean {
    const account = this.#accounts.get(accountId);
    return account !== undefined && ownsKey(account, key);
  }

  /** Of an account that was deleted and created again, members of before are none. */
  #isMember({ account, generation }: Member): boolean {
    return this.#accounts.get(account)?.generation === generation;
  }

  #hasRole(member: Member): boolean {
    const now = this.#members.get(memberName(member));
    return now?.role === member.role && now.generation === member.generation;
  }

  #withUse(key: ApiKey): UsedKey {
    const lastUse = this.#lastUses.get(key.id);
    return { key, ...(lastUse && { lastUse }) };
  }
}

const positionOf = ({ atMs, id }: AuditEntry): string => auditSortKey(atMs, id);
const memberName = ({ account, person }: Pick<Member, 'account' | 'person'>): string =>
  `${account}#${person}`;

const endOf = ({ expiresAtMs, revokedAtMs, replacedBy }: ApiKey): string =>
  JSON.stringify([expiresAtMs, revokedAtMs, replacedBy]);

const changingOf = (account: Account): Partial<Account> =>
  Object.fromEntries(changingSettings.map((name) => [name, account[name]]));

const isUnchanged = (account: Account, before: Account): boolean =>
  account.generation === before.generation && isDeepStrictEqual(changingOf(account), changingOf(before));

const withoutUndefined = (entries: readonly [string, unknown][]): object =>
  Object.fromEntries(entries.filter(([, value]) => value !== undefined));
