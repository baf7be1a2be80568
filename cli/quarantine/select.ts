// The records of quarantine that the options of a verb leave, of all accounts.

import { type Command, Option } from '@commander-js/extra-typings';
import { type QuarantineEntry, quarantineReasons } from '../../domain/quarantine/quarantine.ts';
import { anyTime, type EntryFilter, isSelected } from '../../domain/quarantine/quarantine-list.ts';
import { instantForms } from '../../domain/system/instants.ts';
import type { Operator } from '../operator.ts';
import type { RecordAccess } from '../record-access.ts';
import { assertHasKeys, findTenants } from '../tenants.ts';
import { assertInOrder, readInstant } from '../terminal/instants.ts';
import { recordOption } from './find.ts';

export const withFilter = (command: Command) =>
  command
    .option('--account <id>', 'of this account (all)')
    .option('--environment <name>', 'of this environment (all)')
    .addOption(
      new Option('--reason <reason>', 'quarantined for this reason (all)').choices(quarantineReasons),
    )
    .option('--from <time>', `received then or later: ${instantForms} (any time)`)
    .option('--to <time>', 'received before then (any time)');

export type Filter = ReturnType<ReturnType<typeof withFilter>['opts']>;

/** The options of the verbs that change records. */
export const withSettleOptions = (command: Command) =>
  withFilter(command)
    .addOption(recordOption(' (all that the other options leave)'))
    .option('--all', 'every record of every account: needed if no other option says which')
    .option('--dry-run', 'print what would be done, and do nothing');

export type SettleOptions = ReturnType<ReturnType<typeof withSettleOptions>['opts']>;

export const isFiltered = ({ account, environment, reason, from, to }: Filter): boolean =>
  [account, environment, reason, from, to].some((value) => value !== undefined);

export function readFilter({ reason, from, to }: Filter, nowMs: number): EntryFilter {
  const times = {
    fromMs: from === undefined ? anyTime.fromMs : readInstant('from', from, nowMs),
    toMs: to === undefined ? anyTime.toMs : readInstant('to', to, nowMs),
  };
  assertInOrder(times);
  return { ...(reason !== undefined && { reason }), ...times };
}

/** By account and environment, and of each the oldest first. */
export async function* selectEntries(
  operator: Operator,
  { quarantine }: RecordAccess,
  options: Filter,
): AsyncGenerator<QuarantineEntry> {
  const nowMs = operator.clock.now();
  const filter = readFilter(options, nowMs);
  let isEmpty = true;
  for (const tenant of await findTenants(operator, options)) {
    for await (const entry of quarantine.list(tenant, filter.fromMs, filter.toMs)) {
      if (!isSelected(entry, filter, nowMs)) continue;
      isEmpty = false;
      yield entry;
    }
  }
  if (isEmpty) await assertHasKeys(operator, options);
}
