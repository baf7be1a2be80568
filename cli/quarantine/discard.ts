// `weir quarantine discard`: removes records that are in quarantine, for good. It needs --yes, because it cannot be undone.

import { defineVerb } from '../verb.ts';
import { withSettleOptions } from './select.ts';

export const quarantineDiscard = defineVerb({
  words: ['quarantine', 'discard'],
  summary: 'discard records that are in quarantine, for good: their events will never count',
  examples: [
    'quarantine discard --account acme --reason failed --dry-run',
    'quarantine discard --account acme --record BATCH.0 --yes',
  ],
  options: (command) =>
    withSettleOptions(command).option(
      '--yes',
      'do it; without it, the consequences are printed and nothing is done',
    ),
  run: async (operator, options, progress) => {
    // Loaded only here, as the AWS client is that calls the function.
    const { settleRecords } = await import('./settle.ts');
    return settleRecords('discard', operator, options, progress);
  },
});
