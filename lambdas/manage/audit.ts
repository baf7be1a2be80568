// GET /v1/audit: the audit log of the caller's account, the newest first, page by page. A page may be short or empty and
// still have a next one, because entries of other environments are left out of it.

import { concerns, type ShownEntry, toShownEntry } from '../../domain/accounts/audit.ts';
import type { Accounts, AuditLog } from '../../domain/accounts/port.ts';
import type { Tenant } from '../../domain/keys.ts';
import type { Clock } from '../../domain/system/port.ts';
import type { HttpRequest } from '../edge/http.ts';
import { readAuditRequest, toCursor } from './wire.ts';

export type AuditDeps = {
  readonly accounts: Pick<Accounts, 'findAccount'>;
  readonly auditLog: Pick<AuditLog, 'page'>;
  readonly clock: Pick<Clock, 'now'>;
};

export type AuditOfAccount = {
  readonly account_id: string;
  readonly entries: readonly ShownEntry[];
  readonly next_cursor?: string;
};

export async function readAudit(
  { accounts, auditLog, clock }: AuditDeps,
  { account, environment }: Tenant,
  request: HttpRequest,
): Promise<AuditOfAccount> {
  const { range, limit, at } = readAuditRequest(request, clock.now());
  // The log of an id goes on after a deletion. What is before this account was another one's.
  const createdAtMs = (await accounts.findAccount(account))?.createdAtMs ?? Number.POSITIVE_INFINITY;
  const own = { ...range, fromMs: Math.max(range.fromMs, createdAtMs) };
  const { entries, next } = await auditLog.page(account, own, limit, at);
  return {
    account_id: account,
    entries: entries.filter((entry) => concerns(entry, environment)).map(toShownEntry),
    ...(next !== undefined && { next_cursor: toCursor(next) }),
  };
}
