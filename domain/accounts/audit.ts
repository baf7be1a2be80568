// The audit log: who changed what of an account, who read its data, and when. An entry is written in the transaction of
// its change. An act that has no transaction is entered before it begins. No entry is changed or deleted.

import type { Random } from '../system/port.ts';
import { iso } from '../system/time.ts';
import { type Account, ownSettings, settingsOf, streamOf } from './accounts.ts';
import type { ApiKey } from './api-keys.ts';
import { limitNames, limitRules } from './tiers.ts';

/** `who`: `operator ada`, or `key 49a1c7d03be2`. `from`: the host of the operator, or the address that a request came from. */
export type Actor = { readonly who: string; readonly from: string };

export type AuditEntry = Actor &
  AuditedAct & {
    readonly atMs: number;
    /** Random for each change, with the place of the entry in it: entries of one time keep the order of their change. */
    readonly id: string;
  };

export type AuditedAct = {
  readonly account: string;
  /** Absent if it concerns all environments of the account. */
  readonly environment?: string;
  readonly what:
    | 'account.created'
    | 'account.changed'
    | 'account.suspended'
    | 'account.resumed'
    | 'account.deleted'
    | 'key.created'
    | 'key.rotated'
    | 'key.revoked'
    | 'member.added'
    | 'member.changed'
    | 'member.removed'
    | 'policy.set'
    | 'policy.cleared'
    | 'signing.added'
    | 'signing.required'
    | 'signing.removed'
    | ActWithoutTransaction;
  /** The id of the key that was changed. */
  readonly key?: string;
  /** The id of the record that was replayed, discarded or read. */
  readonly record?: string;
  /** The member who was added, changed or removed. */
  readonly person?: string;
  /** Undefined for what was created, and for acts that change no field. */
  readonly before?: AuditedFields;
  /** Nothing for what was removed. */
  readonly after: AuditedFields;
};

/** They begin after their entry: what became of them is in receipts. `data.read`: an operator reads what a client sent. */
export type ActWithoutTransaction =
  | 'quarantine.replay'
  | 'quarantine.discard'
  | 'stream.replay'
  | 'data.read';

/** By the names that the verbs print. */
export type AuditedFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export type Auditor = { readonly actor: Actor; readonly random: Random };

const changeRandomBytes = 6;

/** The entries of one change, in their order. */
export function auditEntries(
  { actor: { who, from }, random }: Auditor,
  atMs: number,
  acts: readonly AuditedAct[],
): AuditEntry[] {
  const change = Buffer.from(random.bytes(changeRandomBytes)).toString('hex');
  return acts.map((act, index) => ({
    ...act,
    atMs,
    id: `${change}-${String(index).padStart(2, '0')}`,
    who,
    from,
  }));
}

export function auditEntry(auditor: Auditor, atMs: number, act: AuditedAct): AuditEntry {
  const [entry] = auditEntries(auditor, atMs, [act]);
  return entry as AuditEntry;
}

/** The settings in force, as a later version may give the tier others. Without the plan key. */
export function auditedAccount(account: Account): AuditedFields {
  const { tier, generation } = account;
  const settings = settingsOf(account);
  const own = ownSettings(account);
  return {
    tier,
    stream: streamOf(account),
    generation,
    ...auditedStatus(account),
    ...Object.fromEntries(limitNames.map((name) => [limitRules[name].field, settings[name]])),
    limits: account.limitsMode ?? 'enforce',
    ...(account.quotaMode && { quotas: account.quotaMode }),
    ...(own.length > 0 && { overrides: own }),
  };
}

export const auditedStatus = ({
  status,
  suspension,
}: Pick<Account, 'status' | 'suspension'>): AuditedFields => ({
  status,
  ...(suspension && { reads: suspension.reads ? 'refused' : 'allowed' }),
  ...(suspension?.ofTier && { of_tier: suspension.ofTier }),
});

/** Without the hash. */
export const auditedKey = (key: ApiKey): AuditedFields => ({
  environment: key.environment,
  scopes: key.scopes,
  ...(key.openTo && { origins: key.openTo.origins, events_per_minute: key.openTo.eventsPerMinute }),
  ...(key.expiresAtMs !== undefined && { expires_at: iso(key.expiresAtMs) }),
  ...(key.revokedAtMs !== undefined && { revoked_at: iso(key.revokedAtMs) }),
  ...(key.replacedBy !== undefined && { replaced_by: key.replacedBy }),
});

export type ShownEntry = {
  readonly at: string;
  readonly who: string;
  readonly from: string;
  readonly what: AuditEntry['what'];
  readonly environment: string | null;
  readonly key_id: string | null;
  readonly record: string | null;
  readonly person: string | null;
  readonly before: AuditedFields | null;
  readonly after: AuditedFields;
};

export const toShownEntry = (entry: AuditEntry): ShownEntry => ({
  at: iso(entry.atMs),
  who: entry.who,
  from: entry.from,
  what: entry.what,
  environment: entry.environment ?? null,
  key_id: entry.key ?? null,
  record: entry.record ?? null,
  person: entry.person ?? null,
  before: entry.before ? inOrder(entry.before) : null,
  after: inOrder(entry.after),
});

/** A table keeps no order of fields. */
const inOrder = (fields: AuditedFields): AuditedFields =>
  Object.fromEntries(Object.entries(fields).toSorted(([one], [other]) => (one < other ? -1 : 1)));

/** A key reaches one environment: it is shown what concerns that, or the account as a whole. */
export const concerns = (entry: AuditEntry, environment: string): boolean =>
  entry.environment === undefined || entry.environment === environment;

/** `who` as an entry has it, or without its kind: `operator ada`, or `ada`. */
export const isBy = ({ who }: AuditEntry, wanted: string): boolean =>
  who === wanted || who.slice(who.indexOf(' ') + 1) === wanted;
