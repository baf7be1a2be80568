// `weir quarantine replay`: stores and counts records that are in quarantine.

import { defineVerb } from '../verb.ts';
import { withSettleOptions } from './select.ts';

export const quarantineReplay = defineVerb({
  words: ['quarantine', 'replay'],
  summary: 'store and count records that are in quarantine, once their cause is fixed',
  examples: [
    'quarantine replay --account acme --dry-run',
    'quarantine replay --reason outage',
    'quarantine replay --account acme --record BATCH.0',
  ],
  options: withSettleOptions,
  run: async (operator, options, progress) => {
    // Loaded only here, as the AWS client is that calls the function.
    const { settleRecords } = await import('./settle.ts');
    return settleRecords('replay', operator, options, progress);
  },
});
