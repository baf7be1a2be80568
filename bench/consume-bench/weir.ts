// The consume function as deployed, without telemetry and without the bucket, which stays unused. What it has not folded
// at the end of the hour, the schedule folds.

import { DynamoCountingLanes } from '../../adapters/counting/dynamodb-counting-lanes.ts';
import { createIdentities } from '../../adapters/storing/dynamodb-divided-identities.ts';
import { DynamoPages } from '../../adapters/storing/dynamodb-pages.ts';
import { systemRandom } from '../../adapters/system/clock-and-random.ts';
import { runLimits } from '../../domain/counting/next-run.ts';
import { lanesOf } from '../../domain/keys.ts';
import { createConsume } from '../../lambdas/consume/consume.ts';
import { RefusedLanes } from '../../lambdas/consume/refused-lanes.ts';
import { foldRun } from '../../lambdas/counting/fold-run.ts';
import { Tallies } from '../../lambdas/counting/tallies.ts';
import { noPause } from '../../test/support/tables.ts';
import { platformKey, tenant } from './load.ts';
import type { Processor } from './processor.ts';

const nothing = () => {};
const refuse = async () => {
  throw new Error('A record was quarantined: the load must have none that cannot be stored.');
};

export const weir: Processor = {
  tables: [
    { name: 'identities', keys: ['pk'] },
    { name: 'claim-logs', keys: ['pk', 'sk'] },
    { name: 'pages', keys: ['pk', 'sk'] },
    { name: 'aggregates', keys: ['pk', 'sk'] },
    { name: 'ledger', keys: ['pk', 'sk'] },
  ],
  build: (table, clock) => {
    const lanes = new DynamoCountingLanes({ aggregates: table('aggregates'), ledger: table('ledger') });
    const meter = { count: nothing, milliseconds: nothing, tier: nothing, publish: nothing };
    const logger = { info: nothing, warn: console.warn, error: console.error };
    const folding = { lanes, limits: runLimits, clock, pauses: { contested: noPause }, meter, logger };
    const consume = createConsume({
      ...folding,
      identities: createIdentities({
        identities: table('identities'),
        claimLogs: table('claim-logs'),
        clock,
      }),
      pages: new DynamoPages(table('pages')),
      platformKeys: { find: async () => platformKey },
      tallies: new Tallies(runLimits),
      rejections: { count: async () => {} },
      quarantine: { schedule: refuse },
      refusedLanes: new RefusedLanes(),
      publishLag: async () => {},
      generations: { of: async () => new Map() },
      failedRecords: { put: refuse },
      random: systemRandom,
      spans: { end: nothing },
      pauses: { unavailable: noPause, contested: noPause },
    });
    return {
      consume: async (event) => {
        const { batchItemFailures } = await consume(event, () => 900_000);
        if (batchItemFailures.length > 0) throw new Error('The consumer did not finish all records.');
      },
      finish: async () => {
        for (const lane of lanesOf(tenant, 1)) while ((await foldRun(folding, lane)) !== 'not due');
      },
    };
  },
};
