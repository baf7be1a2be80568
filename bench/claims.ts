// The cost of a claim: PartiQL inserts, 25 a call, against a conditional put each, on the same engine in the same run.
// Prints rates and their ratio. Trust the ratio, because machines differ.

import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { DynamoIdentities } from '../adapters/storing/dynamodb-identities.ts';
import type { IdentityClaim } from '../domain/storing/identity.ts';
import { mapBounded } from '../domain/system/bounded.ts';
import { startTables, tableNames } from '../test/support/tables.ts';
import { bareClaims } from './support/bare-claims.ts';

const count = 10_000;
const tables = await startTables();

const claims = (prefix: string) => bareClaims(prefix, count);

async function measure(work: () => Promise<unknown>): Promise<{ perSecond: number; cpuMicros: number }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: Math.round(count / seconds), cpuMicros: Math.round((user + system) / count) };
}

const identities = new DynamoIdentities(tables.table('identities'));
const putEach = (list: IdentityClaim[]) =>
  mapBounded(list, 16, ({ key, page, digest, untilMs }) =>
    tables.client.send(
      new PutCommand({
        TableName: tableNames.identities,
        Item: { pk: key, p: page, d: digest, u: untilMs },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );

await identities.claim(claims('warm').slice(0, 500));
await putEach(claims('warm-put').slice(0, 500));
const batched = await measure(() => identities.claim(claims('batched')));
const single = await measure(() => putEach(claims('single')));

console.table({ 'PartiQL, 25 a call': batched, 'a conditional put each': single });
console.log(
  `ratio: ${(batched.perSecond / single.perSecond).toFixed(1)}x the rate, ` +
    `${(single.cpuMicros / batched.cpuMicros).toFixed(1)}x less CPU of the client`,
);
await tables.end();
