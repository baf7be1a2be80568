// Accounts, API keys, their last use and audit entries as items of the accounts table. Times are in milliseconds.

import type { Account } from '../../domain/accounts/accounts.ts';
import type { ApiKey, LastUse } from '../../domain/accounts/api-keys.ts';
import type { AuditEntry } from '../../domain/accounts/audit.ts';
import type { LimitsMode } from '../../domain/accounts/limit-modes.ts';
import type { Former } from '../../domain/accounts/retention.ts';
import { limitNames, limitRules, type TierName } from '../../domain/accounts/tiers.ts';
import type { Scope } from '../../domain/api/routes.ts';
import {
  accountKey,
  accountKeysKey,
  accountSettingsSortKey,
  apiKeyKey,
  apiKeySortKey,
  auditKey,
  auditSortKey,
  environmentSortKey,
  lastUseKey,
  lastUseSortKey,
} from '../../domain/keys.ts';
import type { QuotaMode } from '../../domain/limits/quota.ts';
import type { Item } from '../aws/batch-get.ts';
import type { Table } from '../aws/table.ts';
import { type TransactAction, transact } from '../aws/transact.ts';

export const accountItemKey = (accountId: string): Item => ({
  pk: accountKey(accountId),
  sk: accountSettingsSortKey,
});

/** The pointer of an environment, among those of keys. */
export const environmentItemKey = (accountId: string, environment: string): Item => ({
  pk: accountKeysKey(accountId),
  sk: environmentSortKey(environment),
});

/** Of an account that was deleted and created again, members and environments of before are none. */
export const isOfGeneration = (account: Pick<Account, 'generation'> | undefined, item: Item): boolean =>
  account?.generation === item.generation;

export const toAccountItem = (account: Account): Item => ({
  ...accountItemKey(account.id),
  id: account.id,
  created_at: account.createdAtMs,
  generation: account.generation,
  ...toChangingItem(account),
  ...(account.policy && { policy: account.policy }),
  ...(account.signing && { signing: account.signing }),
});

/** The `changingSettings`. */
function toChangingItem(account: Account): Item {
  const { suspension, formerMostSlots, formerRetentions, stream, prioritySlots, formerPlanKey } = account;
  return {
    tier: account.tier,
    overrides: toOverridesItem(account.overrides),
    ...(account.limitsMode && { limits_mode: account.limitsMode }),
    ...(account.quotaMode && { quota_mode: account.quotaMode }),
    status: account.status,
    ...(suspension && {
      suspension: {
        reads: suspension.reads,
        ...(suspension.ofTier && { of_tier: suspension.ofTier }),
      },
    }),
    most_slots: account.mostSlots,
    ...(formerMostSlots && { former_most_slots: toFormerItem(formerMostSlots) }),
    ...(formerRetentions && { former_retentions: formerRetentions.map(toFormerItem) }),
    ...(stream && { stream }),
    ...(prioritySlots && { priority_slots: prioritySlots }),
    plan_key: account.planKey,
    ...(formerPlanKey && { former_plan_key: toFormerItem(formerPlanKey) }),
  };
}

const changingFields = [
  'tier',
  'overrides',
  'limits_mode',
  'quota_mode',
  'status',
  'suspension',
  'most_slots',
  'former_most_slots',
  'former_retentions',
  'stream',
  'priority_slots',
  'plan_key',
  'former_plan_key',
] as const;

const toFormerItem = ({ value, untilMs }: Former<unknown>): Item => ({ value, until: untilMs });

const toOverridesItem = (overrides: Account['overrides']): Item =>
  Object.fromEntries(
    limitNames
      .filter((name) => overrides[name] !== undefined)
      .map((name) => [limitRules[name].field, overrides[name]]),
  );

const fromOverridesItem = (item: Item): Account['overrides'] =>
  Object.fromEntries(
    limitNames
      .filter((name) => item[limitRules[name].field] !== undefined)
      .map((name) => [name, Number(item[limitRules[name].field])]),
  );

export function fromAccountItem(item: Item): Account {
  const suspension = item.suspension as Item | undefined;
  const formerSlots = item.former_most_slots as Item | undefined;
  const formerRetentions = item.former_retentions as readonly Item[] | undefined;
  const formerKey = item.former_plan_key as Item | undefined;
  return {
    id: String(item.id),
    createdAtMs: Number(item.created_at),
    tier: item.tier as TierName,
    overrides: fromOverridesItem(item.overrides as Item),
    ...(item.limits_mode ? { limitsMode: item.limits_mode as LimitsMode } : {}),
    ...(item.quota_mode ? { quotaMode: item.quota_mode as QuotaMode } : {}),
    status: item.status as Account['status'],
    ...(suspension && {
      suspension: {
        reads: suspension.reads === true,
        ...(suspension.of_tier ? { ofTier: suspension.of_tier as TierName } : {}),
      },
    }),
    mostSlots: Number(item.most_slots),
    ...(formerSlots && {
      formerMostSlots: { value: Number(formerSlots.value), untilMs: Number(formerSlots.until) },
    }),
    ...(formerRetentions && {
      formerRetentions: formerRetentions.map(({ value, until }) => ({
        value: Number(value),
        untilMs: Number(until),
      })),
    }),
    ...(item.stream === 'priority' && { stream: item.stream }),
    ...(Array.isArray(item.priority_slots) && { prioritySlots: item.priority_slots.map(Number) }),
    generation: Number(item.generation),
    planKey: String(item.plan_key),
    ...(formerKey && {
      formerPlanKey: { value: String(formerKey.value), untilMs: Number(formerKey.until) },
    }),
    ...(item.policy ? { policy: String(item.policy) } : {}),
    ...(item.signing ? { signing: String(item.signing) } : {}),
  };
}

/** The change of the settings of `before` to those of `after`, if they are still as they were read. */
export function updateAccount(tableName: string, before: Account, after: Account): TransactAction {
  const item = toChangingItem(after);
  const set = changingFields.filter((field) => item[field] !== undefined);
  const removed = changingFields.filter((field) => item[field] === undefined);
  const unchanged = accountUnchangedSince(before);
  return {
    Update: {
      TableName: tableName,
      Key: accountItemKey(before.id),
      ...unchanged,
      UpdateExpression: [
        `SET ${set.map((field) => `#${field} = :new_${field}`).join(', ')}`,
        ...(removed.length > 0 ? [`REMOVE ${removed.map((field) => `#${field}`).join(', ')}`] : []),
      ].join(' '),
      ExpressionAttributeValues: {
        ...unchanged.ExpressionAttributeValues,
        ...Object.fromEntries(set.map((field) => [`:new_${field}`, item[field]])),
      },
    },
  };
}

/** A condition, which also holds for no account that was deleted, or created since. */
export function accountUnchangedSince(before: Account) {
  const item: Item = { generation: before.generation, ...toChangingItem(before) };
  const fields = ['generation', ...changingFields];
  const has = fields.filter((field) => item[field] !== undefined);
  const conditions = fields.map((field) =>
    has.includes(field) ? `#${field} = :${field}` : `attribute_not_exists(#${field})`,
  );
  return {
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(fields.map((field) => [`#${field}`, field])),
    ExpressionAttributeValues: Object.fromEntries(has.map((field) => [`:${field}`, item[field]])),
  };
}

export const keyItemKey = (keyId: string): Item => ({ pk: apiKeyKey(keyId), sk: apiKeySortKey });

export const toKeyItem = (key: ApiKey): Item => ({
  ...keyItemKey(key.id),
  id: key.id,
  account: key.account,
  generation: key.generation,
  environment: key.environment,
  scopes: key.scopes,
  hash: key.hash,
  created_at: key.createdAtMs,
  created_by: key.createdBy,
  ...(key.openTo && { origins: key.openTo.origins, events_per_minute: key.openTo.eventsPerMinute }),
  ...(key.expiresAtMs !== undefined && { expires_at: key.expiresAtMs }),
  ...(key.revokedAtMs !== undefined && { revoked_at: key.revokedAtMs }),
  ...(key.replacedBy !== undefined && { replaced_by: key.replacedBy }),
});

/** What of a key changes. */
export const changingKeyFields = ['expires_at', 'revoked_at', 'replaced_by'] as const;

export const fromKeyItem = (item: Item): ApiKey => ({
  id: String(item.id),
  account: String(item.account),
  generation: Number(item.generation),
  environment: String(item.environment),
  scopes: item.scopes as Scope[],
  ...(item.origins === undefined
    ? {}
    : {
        openTo: {
          origins: item.origins as string[],
          eventsPerMinute: Number(item.events_per_minute),
        },
      }),
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
