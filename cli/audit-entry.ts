// What a verb writes to the audit log with its change.

import type { AuditEntry } from '../domain/accounts/audit.ts';
import type { Operator } from './operator.ts';

const entryRandomBytes = 6;

export const auditEntry = (
  { random, name }: Pick<Operator, 'random' | 'name'>,
  atMs: number,
  change: Pick<AuditEntry, 'account' | 'what' | 'key' | 'before' | 'after'>,
): AuditEntry => ({
  ...change,
  atMs,
  id: Buffer.from(random.bytes(entryRandomBytes)).toString('hex'),
  who: name,
});
