// The options that `weir quarantine replay` and `discard` share.

import type { Command } from '@commander-js/extra-typings';
import { recordOption } from './find.ts';
import { withFilter } from './select.ts';

export const withSettleOptions = (command: Command) =>
  withFilter(command)
    .addOption(recordOption(' (all that the other options leave)'))
    .option('--all', 'every record of every account: needed if no other option says which')
    .option('--dry-run', 'print what would be done, and do nothing');

export type SettleOptions = ReturnType<ReturnType<typeof withSettleOptions>['opts']>;
