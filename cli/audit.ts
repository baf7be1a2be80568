// `weir audit`: who changed what of an account, and when, and which operators read its data; with --reads, who read it by the
// API. Of one account: entries are stored by account, and those of all accounts would take a scan of the whole table.

import { type AuditEntry, isBy, toShownEntry } from '../domain/accounts/audit.ts';
import { instantForms } from '../domain/system/instants.ts';
import { iso } from '../domain/system/time.ts';
import { listReads, usualReadsMs } from './reads.ts';
import { assertWasThere } from './tenants.ts';
import { assertInOrder, readInstant } from './terminal/instants.ts';
import { defineVerb, requiredAccount } from './verb.ts';

export const audit = defineVerb({
  words: ['audit'],
  summary: 'list who changed what of an account, or read its data, the oldest first',
  examples: [
    'audit --account acme',
    'audit --account acme --who ada --from 7d --json',
    'audit --account acme --reads',
  ],
  options: (command) =>
    command
      .addOption(requiredAccount())
      .option('--from <time>', `entries from this time on (${instantForms})`)
      .option('--to <time>', 'entries before this time')
      .option('--who <name>', 'entries of this actor: "operator ada", "key 49a1c7d03be2", or only ada')
      .option(
        '--reads',
        'instead, who read data of the account by the API; of the last 24 hours without --from',
      ),
  run: async (operator, { account, from, to, who, reads }) => {
    const nowMs = operator.clock.now();
    const range = {
      fromMs: from === undefined ? (reads ? nowMs - usualReadsMs : 0) : readInstant('from', from, nowMs),
      // This moment is in it.
      toMs: to === undefined ? nowMs + 1 : readInstant('to', to, nowMs),
    };
    assertInOrder(range);
    await assertWasThere(operator, account);
    if (reads) return listReads(operator, account, range);
    const entries = (await operator.auditLog.list(account, range)).filter(
      (entry) => who === undefined || isBy(entry, who),
    );
    return {
      json: { account_id: account, entries: entries.map(toShownEntry) },
      text: entries.length === 0 ? 'There is no entry in this time.' : entries.map(renderEntry).join('\n'),
    };
  },
});

/** A line for the act, one for what it was about, and one for each field that it changed. */
function renderEntry({
  atMs,
  who,
  from,
  what,
  environment,
  key,
  record,
  person,
  before = {},
  after,
}: AuditEntry): string {
  const subject = [key, record, person, environment].filter((part) => part !== undefined).join('  ');
  // A table keeps no order of fields.
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  const changed = fields.filter((field) => String(before[field]) !== String(after[field]));
  const shown = (value: unknown) => (value === undefined ? 'none' : String(value));
  return [
    `${iso(atMs)}  ${what.padEnd(18)}  ${who} from ${from}`,
    ...(subject === '' ? [] : [`  ${subject}`]),
    ...changed.map((field) => `  ${field}: ${shown(before[field])} -> ${shown(after[field])}`),
  ].join('\n');
}
