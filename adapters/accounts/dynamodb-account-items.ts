// Accounts, API keys, their last use and audit entries as items of the accounts table. Times are in milliseconds.

import type { Account } from '../../domain/accounts/accounts.ts';
import type { ApiKey, LastUse } from '../../domain/accounts/api-keys.ts';
import type { AuditEntry } from '../../domain/accounts/audit.ts';
import type { Notice } from '../../domain/accounts/notices.ts';
import type { TierName } from '../../domain/accounts/tiers.ts';
import type { Scope } from '../../domain/api/routes.ts';
import {
  accountKey,
  accountSettingsSortKey,
  apiKeyKey,
  apiKeySortKey,
  auditKey,
  auditSortKey,
  lastUseKey,
  lastUseSortKey,
  noticeKey,
  noticeSortKey,
} from '../../domain/keys.ts';
import { dayMs, secondMs } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';
import type { Table } from '../aws/table.ts';
import { type TransactAction, transact } from '../aws/transact.ts';

export const accountItemKey = (accountId: string): Item => ({
  pk: accountKey(accountId),
  sk: accountSettingsSortKey,
});

export const toAccountItem = (account: Account): Item => ({
  ...accountItemKey(account.id),
  id: account.id,
  tier: account.tier,
  status: account.status,
  slots: account.slots,
  most_slots: account.mostSlots,
  generation: account.generation,
  retention_days: account.retentionDays,
  plan_key: account.planKey,
  ...(account.policy && { policy: account.policy }),
  ...(account.signing && { signing: account.signing }),
});

export const fromAccountItem = (item: Item): Account => ({
  id: String(item.id),
  tier: item.tier as TierName,
  status: item.status as Account['status'],
  slots: Number(item.slots),
  mostSlots: Number(item.most_slots),
  generation: Number(item.generation),
  retentionDays: Number(item.retention_days),
  planKey: String(item.plan_key),
  ...(item.policy ? { policy: String(item.policy) } : {}),
  ...(item.signing ? { signing: String(item.signing) } : {}),
});

export const keyItemKey = (keyId: string): Item => ({ pk: apiKeyKey(keyId), sk: apiKeySortKey });

export const toKeyItem = (key: ApiKey): Item => ({
  ...keyItemKey(key.id),
  id: key.id,
  account: key.account,
  environment: key.environment,
  scopes: key.scopes,
  hash: key.hash,
  created_at: key.createdAtMs,
  created_by: key.createdBy,
  ...(key.expiresAtMs !== undefined && { expires_at: key.expiresAtMs }),
  ...(key.revokedAtMs !== undefined && { revoked_at: key.revokedAtMs }),
  ...(key.replacedBy !== undefined && { replaced_by: key.replacedBy }),
});

/** What of a key changes. */
export const changingFields = ['expires_at', 'revoked_at', 'replaced_by'] as const;

export const fromKeyItem = (item: Item): ApiKey => ({
  id: String(item.id),
  account: String(item.account),
  environment: String(item.environment),
  scopes: item.scopes as Scope[],
  hash: item.hash as Uint8Array,
  createdAtMs: Number(item.created_at),
  createdBy: String(item.created_by),
  ...(item.expires_at === undefined ? {} : { expiresAtMs: Number(item.expires_at) }),
  ...(item.revoked_at === undefined ? {} : { revokedAtMs: Number(item.revoked_at) }),
  ...(item.replaced_by === undefined ? {} : { replacedBy: String(item.replaced_by) }),
});

export const lastUseItemKey = (keyId: string): Item => ({ pk: lastUseKey(keyId), sk: lastUseSortKey });

export const toLastUseItem = (keyId: string, { minuteMs, client }: LastUse): Item => ({
  ...lastUseItemKey(keyId),
  minute: minuteMs,
  client,
});

export const fromLastUseItem = (item: Item): LastUse => ({
  minuteMs: Number(item.minute),
  client: String(item.client),
});

const toAuditItem = (entry: AuditEntry): Item => ({
  pk: auditKey(entry.account),
  sk: auditSortKey(entry.atMs, entry.id),
  account: entry.account,
  at: entry.atMs,
  id: entry.id,
  who: entry.who,
  from: entry.from,
  what: entry.what,
  ...(entry.environment !== undefined && { environment: entry.environment }),
  ...(entry.key !== undefined && { key: entry.key }),
  ...(entry.record !== undefined && { record: entry.record }),
  ...(entry.person !== undefined && { person: entry.person }),
  ...(entry.before !== undefined && { before: entry.before }),
  after: entry.after,
});

export const fromAuditItem = (item: Item): AuditEntry => ({
  account: String(item.account),
  atMs: Number(item.at),
  id: String(item.id),
  who: String(item.who),
  from: String(item.from),
  what: item.what as AuditEntry['what'],
  ...(item.environment === undefined ? {} : { environment: String(item.environment) }),
  ...(item.key === undefined ? {} : { key: String(item.key) }),
  ...(item.record === undefined ? {} : { record: String(item.record) }),
  ...(item.person === undefined ? {} : { person: String(item.person) }),
  ...(item.before === undefined ? {} : { before: item.before as AuditEntry['after'] }),
  after: item.after as AuditEntry['after'],
});

/** It is announced within moments. */
const noticeLifeMs = dayMs;

export const toNoticeItem = (notice: Notice): Item => {
  const { what, minuteMs, ...about } = notice;
  return {
    pk: noticeKey('key' in about ? about.key : what),
    sk: noticeSortKey,
    what,
    minute: minuteMs,
    ...about,
    ttl: (minuteMs + noticeLifeMs) / secondMs,
  };
};

export const fromNoticeItem = (item: Item): Notice =>
  item.what === 'requests.unauthorized'
    ? { what: item.what, minuteMs: Number(item.minute), count: Number(item.count) }
    : {
        what: 'key.used_after_revocation',
        minuteMs: Number(item.minute),
        account: String(item.account),
        key: String(item.key),
        client: String(item.client),
      };

export const putNew = (TableName: string, Item: Item): TransactAction => ({
  Put: { TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' },
});

export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';
}

/**
 * Makes a change with its audit entries. False if the condition of one of its `deciding` actions fails, which come first:
 * then nothing changes.
 */
export async function changeAudited(
  table: Table,
  actions: readonly TransactAction[],
  entries: readonly AuditEntry[],
  what: string,
  deciding = 1,
): Promise<boolean> {
  const audit = entries.map((entry) => putNew(table.name, toAuditItem(entry)));
  const { outcome, failed } = await transact(table, [...actions, ...audit], what);
  if (outcome === 'done') return true;
  if (actions.slice(0, deciding).some((_, index) => failed(index))) return false;
  throw new ConditionFailed(`${what} met an item that has the same random id. Nothing was changed.`);
}
