// The audit log in DynamoDB, which the adapters of accounts and keys write: nothing here changes or deletes an entry.

import type { AuditEntry } from '../../domain/accounts/audit.ts';
import type { AuditLog } from '../../domain/accounts/port.ts';
import { auditKey, auditSortKey } from '../../domain/keys.ts';
import { queryRange } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';
import { fromAuditItem } from './dynamodb-account-items.ts';

export class DynamoAuditLog implements AuditLog {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async list(account: string, { fromMs, toMs }: { fromMs: number; toMs: number }): Promise<AuditEntry[]> {
    const range = { pk: auditKey(account), first: auditSortKey(fromMs), last: auditSortKey(toMs) };
    return (await queryRange(this.#table, range, true)).map(fromAuditItem);
  }
}
