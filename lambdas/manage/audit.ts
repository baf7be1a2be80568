// GET /v1/audit: the audit log of the caller's account, the newest first, page by page. Entries of other environments are left
// out of it, and the next page begins at one that the caller may see: a cursor names none of theirs.

import { type AuditEntry, concerns, type ShownEntry, toShownEntry } from '../../domain/accounts/audit.ts';
import type { Accounts, AuditLog, AuditPosition, TimeRange } from '../../domain/accounts/port.ts';
import { auditSortKey, type Tenant } from '../../domain/keys.ts';
import type { Clock } from '../../domain/system/port.ts';
import type { HttpRequest } from '../edge/http.ts';
import { readAuditRequest, toCursor } from './wire.ts';

/** Of a request. Only after so many entries of other environments in a row is a page short, and its cursor one of theirs. */
const mostReads = 10;
const entriesOfRead = 100;

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
  const { entries, next } = await visible(auditLog, { account, environment }, own, { limit, at });
  return {
    account_id: account,
    entries: entries.map(toShownEntry),
    ...(next !== undefined && { next_cursor: toCursor(next) }),
  };
}

type Paging = { readonly limit: number; readonly at?: AuditPosition | undefined };

async function visible(
  auditLog: AuditDeps['auditLog'],
  { account, environment }: Pick<Tenant, 'account' | 'environment'>,
  range: TimeRange,
  { limit, at }: Paging,
): Promise<{ readonly entries: readonly AuditEntry[]; readonly next: AuditPosition | undefined }> {
  const found: AuditEntry[] = [];
  let next = at;
  for (let read = 0; read < mostReads; read += 1) {
    // One more: the next page begins at it.
    const count = read === 0 ? limit + 1 : entriesOfRead;
    const page = await auditLog.page(account, range, count, next);
    found.push(...page.entries.filter((entry) => concerns(entry, environment)));
    next = page.next;
    const following = found[limit];
    if (following)
      return { entries: found.slice(0, limit), next: auditSortKey(following.atMs, following.id) };
    if (next === undefined) break;
  }
  return { entries: found, next };
}
