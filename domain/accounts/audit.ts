// The audit log: who changed what of an account, and when. An entry is written in the transaction of its change, and never
// changed or deleted.

import { iso } from '../system/time.ts';
import type { Account } from './accounts.ts';
import type { ApiKey } from './api-keys.ts';

export type AuditEntry = {
  readonly account: string;
  readonly atMs: number;
  /** Random: several entries can have the same time. */
  readonly id: string;
  /** The operator. */
  readonly who: string;
  readonly what:
    | 'account.created'
    | 'account.suspended'
    | 'account.resumed'
    | 'key.created'
    | 'key.rotated'
    | 'key.revoked';
  /** The id of the key that was changed. */
  readonly key?: string;
  /** Undefined for what was created. */
  readonly before?: AuditedFields;
  readonly after: AuditedFields;
};

/** By the names that the verbs print. */
export type AuditedFields = Readonly<Record<string, string | number | readonly string[]>>;

/** Without the plan key. */
export const auditedAccount = ({
  tier,
  status,
  slots,
  generation,
  retentionDays,
}: Account): AuditedFields => ({ tier, status, slots, generation, retention_days: retentionDays });

/** Without the hash. */
export const auditedKey = (key: ApiKey): AuditedFields => ({
  environment: key.environment,
  scopes: key.scopes,
  ...(key.expiresAtMs !== undefined && { expires_at: iso(key.expiresAtMs) }),
  ...(key.revokedAtMs !== undefined && { revoked_at: iso(key.revokedAtMs) }),
  ...(key.replacedBy !== undefined && { replaced_by: key.replacedBy }),
});
