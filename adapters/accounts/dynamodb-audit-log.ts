// The audit log in DynamoDB. An entry is put and never changed: the adapters of accounts and keys put those of a change, and
// this one those of acts that have no transaction.

import type { AuditEntry } from '../../domain/accounts/audit.ts';
import type { AuditLog, AuditPage, AuditPosition, TimeRange } from '../../domain/accounts/port.ts';
import { auditKey, auditSortKey } from '../../domain/keys.ts';
import { queryPage, queryRange } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';
import { changeAudited, fromAuditItem } from './dynamodb-account-items.ts';

export class DynamoAuditLog implements AuditLog {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** A transaction, so that its condition does not fail where the SDK repeats it because the answer was lost. */
  async write(entries: readonly AuditEntry[]): Promise<void> {
    await changeAudited(this.#table, [], entries, 'The audit entry');
  }

  async list(account: string, range: TimeRange): Promise<AuditEntry[]> {
    return (await queryRange(this.#table, boundsOf(account, range), true)).map(fromAuditItem);
  }

  async page(account: string, range: TimeRange, limit: number, at?: AuditPosition): Promise<AuditPage> {
    const { pk, first, last } = boundsOf(account, range);
    const end = at !== undefined && at < last ? at : last;
    if (end < first) return { entries: [] };
    // The next page begins at the one more.
    const how = { ConsistentRead: true, ScanIndexForward: false, Limit: limit + 1 };
    const { items, lastKey } = await queryPage(this.#table, { pk, first, last: end }, how);
    // Entries that fill the 1 MB of an answer end it before its limit.
    const isCut = items.length > limit || lastKey !== undefined;
    return {
      entries: (isCut ? items.slice(0, -1) : items).map(fromAuditItem),
      ...(isCut && { next: String(items.at(-1)?.sk) }),
    };
  }
}

/** The sort keys of a time come after the time by itself, so that those of `toMs` are not between them. */
const boundsOf = (account: string, { fromMs, toMs }: TimeRange) => ({
  pk: auditKey(account),
  first: auditSortKey(fromMs),
  last: auditSortKey(toMs),
});
