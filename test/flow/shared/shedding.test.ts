// The tables stand still: records wait in the stream, and ingest refuses who is shed first, until consume has caught up.

import { afterEach, expect } from 'vitest';
import type { TierName } from '../../../domain/accounts/tiers.ts';
import { sheddingRules } from '../../../domain/limits/shedding.ts';
import { metricNames } from '../../../domain/service-levels/metrics.ts';
import { minuteMs, secondMs } from '../../../domain/system/time.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { nameInShard } from '../../support/shards.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  ({ twin } = weir);
});
afterEach(() => twin.faults.clear());

const [first] = sheddingRules.levels;
const post = (api: Api) => api.post('/v1/events', [{ type: 'tick' }]);

async function accept(api: Api): Promise<string> {
  const { status, json } = await post(api);
  expect(status).toBe(202);
  return json.receipt;
}

it('standard is shed while records get old, enterprise is not, and what was accepted is stored', async () => {
  const create = async (name: string, tier: TierName) =>
    createApi(twin.url, (await createAccountOn(twin, name, tier)).api_key);
  // On different shards: one of them alone says nothing.
  const one = await create(nameInShard(0, 'shed'), 'standard');
  const other = await create(nameInShard(1, 'shed-too'), 'standard');
  const enterprise = await create('shed-last', 'enterprise');
  // What other flows have left of other shards is of long ago.
  twin.clock.moveBy(sheddingRules.seenForMs);
  const tables = twin.faults.inject({
    on: { caller: 'consume', operation: 'BatchWriteItem' },
    do: { kind: 'error' },
  });
  const receipts: [Api, string][] = [];
  for (const api of [one, other]) receipts.push([api, await accept(api)]);
  await eventually(
    async () => tables.met(),
    (met) => met >= receipts.length,
  );
  twin.clock.moveBy(first.enterMs + minuteMs);

  const refused = await eventually(
    async () => {
      // To the next time that consume tries and ingest asks.
      twin.clock.moveBy(5 * secondMs);
      return post(one);
    },
    ({ status }) => status !== 202,
  );

  expect(refused).toMatchObject({ status: 429, json: { code: 'load_shed' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(60);
  expect((await other.post('/v1/events:debug', [{ type: 'tick' }])).status).toBe(200);
  receipts.push([enterprise, await accept(enterprise)]);
  await eventually(
    async () => twin.metrics.series().find(({ name }) => name === metricNames.shedRequests),
    Boolean,
  );

  tables.remove();
  for (const [api, receipt] of receipts)
    await eventually(
      () => api.get(receipt),
      ({ json: { status } }) => status === 'stored',
    );
  // The last word of its shard was of before.
  twin.clock.moveBy(sheddingRules.knownForMs);
  expect((await post(one)).status).toBe(202);
}, 60_000);
