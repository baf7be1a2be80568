// The consume function as deployed, without telemetry and without the bucket, which stays unused.

import { DynamoCounts } from '../../adapters/storing/dynamodb-counts.ts';
import { DynamoIdentities } from '../../adapters/storing/dynamodb-identities.ts';
import { DynamoPages } from '../../adapters/storing/dynamodb-pages.ts';
import { systemRandom } from '../../adapters/system/clock-and-random.ts';
import { createConsume } from '../../lambdas/consume/consume.ts';
import { noPause } from '../../test/support/tables.ts';
import { platformKey } from './load.ts';
import type { Processor } from './processor.ts';

const nothing = () => {};
const refuse = async () => {
  throw new Error('A record was quarantined: the load must have none that cannot be stored.');
};

export const weir: Processor = {
  tables: [
    { name: 'identities', keys: ['pk'] },
    { name: 'pages', keys: ['pk', 'sk'] },
    { name: 'aggregates', keys: ['pk', 'sk'] },
    { name: 'ledger', keys: ['pk', 'sk'] },
  ],
  build: (table, clock) => {
    const consume = createConsume({
      identities: new DynamoIdentities(table('identities')),
      pages: new DynamoPages(table('pages')),
      counts: new DynamoCounts({ aggregates: table('aggregates'), ledger: table('ledger') }),
      platformKeys: { find: async () => platformKey },
      failedRecords: { put: refuse },
      clock,
      random: systemRandom,
      spans: { end: nothing },
      pauses: { unavailable: noPause, contested: noPause },
      meter: { count: nothing, milliseconds: nothing, tier: nothing, publish: nothing },
      logger: console,
    });
    return async (event) => {
      const { batchItemFailures } = await consume(event, () => 60_000);
      if (batchItemFailures.length > 0) throw new Error('The consumer did not finish all records.');
    };
  },
};
