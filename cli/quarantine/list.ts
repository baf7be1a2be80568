// `weir quarantine list`: what is in quarantine, of all accounts or of some, and the records that belong to no known one.

import { unreadablePrefix } from '../../domain/keys.ts';
import { type Amount, amountOf } from '../../domain/quarantine/quarantine-list.ts';
import { iso } from '../../domain/system/time.ts';
import type { Operator } from '../operator.ts';
import type { RecordAccess } from '../record-access.ts';
import { table } from '../terminal/table.ts';
import { defineVerb } from '../verb.ts';
import {
  type AccountAmount,
  amountsByAccount,
  amountTable,
  entryTable,
  type ListedEntry,
  renderAmount,
  toListed,
} from './entries.ts';
import { type Filter, readFilter, selectEntries, withFilter } from './select.ts';

type Listing = Amount & {
  readonly quarantine: readonly ListedEntry[];
  readonly by_account: readonly AccountAmount[];
  readonly unreadable: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly stored_at: string;
  }[];
};

async function listQuarantine(operator: Operator, filter: Filter): Promise<Listing> {
  const records = await operator.records();
  const entries = await Array.fromAsync(selectEntries(operator, records, filter));
  return {
    ...amountOf(entries),
    quarantine: entries.map(toListed),
    by_account: amountsByAccount(entries),
    unreadable: await listUnreadable(operator, records, filter),
  };
}

/** They belong to no known account, so that only a time can exclude them: the time at which they were stored. */
async function listUnreadable(
  { clock }: Operator,
  { failedRecords }: RecordAccess,
  filter: Filter,
): Promise<Listing['unreadable']> {
  const { account, environment, reason } = filter;
  if ([account, environment, reason].some((value) => value !== undefined)) return [];
  const { fromMs, toMs } = readFilter(filter, clock.now());
  const found = await Array.fromAsync(failedRecords.list(unreadablePrefix));
  return found
    .filter(({ storedAtMs }) => storedAtMs >= fromMs && storedAtMs < toMs)
    .map(({ name, bytes, storedAtMs }) => ({ name, bytes, stored_at: iso(storedAtMs) }));
}

function renderListing({ quarantine, by_account, unreadable, ...amount }: Listing): string {
  const known =
    quarantine.length === 0
      ? ['Nothing is in quarantine, or nothing that the options leave.']
      : [entryTable(quarantine), amountTable(by_account), `${renderAmount(amount)} in quarantine.`];
  const unknown =
    unreadable.length === 0
      ? []
      : [
          'Records whose header cannot be read, so that their account is not known; the bucket keeps them unchanged:',
          table(
            ['OBJECT', 'BYTES', 'STORED'],
            unreadable.map(({ name, bytes, stored_at }) => [name, bytes, stored_at]),
          ),
        ];
  return [...known, ...unknown].join('\n\n');
}

export const quarantineList = defineVerb({
  words: ['quarantine', 'list'],
  summary: 'list the records that are in quarantine, with how many there are of each account and reason',
  examples: [
    'quarantine list',
    'quarantine list --account acme --reason failed --from 2h',
    'quarantine list --json',
  ],
  options: withFilter,
  run: async (operator, filter) => {
    const listing = await listQuarantine(operator, filter);
    return { json: listing, text: renderListing(listing) };
  },
});
