// `weir audit`: who changed what of an account, and when.

import type { AuditEntry } from '../domain/accounts/audit.ts';
import { iso } from '../domain/system/time.ts';
import { findAccount } from './tenants.ts';
import { assertInOrder, instantForms, readInstant } from './terminal/instants.ts';
import { defineVerb, requiredAccount } from './verb.ts';

export const audit = defineVerb({
  words: ['audit'],
  summary: 'list who changed what of an account and its keys, the oldest first',
  examples: ['audit --account acme', 'audit --account acme --from 7d --json'],
  options: (command) =>
    command
      .addOption(requiredAccount())
      .option('--from <time>', `changes from this time on (${instantForms})`)
      .option('--to <time>', 'changes before this time'),
  run: async (operator, { account, from, to }) => {
    const nowMs = operator.clock.now();
    const range = {
      fromMs: from === undefined ? 0 : readInstant('from', from, nowMs),
      // This moment is in it.
      toMs: to === undefined ? nowMs + 1 : readInstant('to', to, nowMs),
    };
    assertInOrder(range);
    await findAccount(operator, account);
    const entries = await operator.auditLog.list(account, range);
    return {
      json: { account_id: account, entries: entries.map(toShownEntry) },
      text: entries.length === 0 ? 'Nothing was changed in this time.' : entries.map(renderEntry).join('\n'),
    };
  },
});

const toShownEntry = ({ atMs, who, what, key, before, after }: AuditEntry) => ({
  at: iso(atMs),
  who,
  what,
  key_id: key ?? null,
  before: before ?? null,
  after,
});

/** A line for the change, and one for each field that it changed. */
function renderEntry({ atMs, who, what, key, before = {}, after }: AuditEntry): string {
  // A table keeps no order of fields.
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  const changed = fields.filter((field) => String(before[field]) !== String(after[field]));
  const shown = (value: unknown) => (value === undefined ? 'none' : String(value));
  return [
    `${iso(atMs)}  ${what.padEnd(17)}  ${[...(key === undefined ? [] : [key]), who].join('  ')}`,
    ...changed.map((field) => `  ${field}: ${shown(before[field])} -> ${shown(after[field])}`),
  ].join('\n');
}
