// One account floods its shard from 64 connections, with what compresses to nothing less. The others notice nothing: the
// flood holds no function for longer than it takes to refuse it.

import { randomBytes } from 'node:crypto';
import { afterEach, expect } from 'vitest';
import { overload } from '../../../adapters/record/kinesis-event-stream.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { countByStatus, sendLoad } from '../../support/load.ts';
import { nameInShard } from '../../support/shards.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  twin = weir.twin;
});
afterEach(() => twin.resetCalls());

const eventsInBatch = 32;
/** Within the burst of a standard account: none is refused by its plan. */
const batches = 70;

const noise = () =>
  JSON.stringify(
    Array.from({ length: eventsInBatch }, () => ({
      type: 'noise',
      metadata: { noise: randomBytes(8625).toString('base64') },
    })),
  );

it('a flood of one shard is refused at once, and a quiet account on another shard sees none of it', async () => {
  const loud = nameInShard(0, 'flood');
  const loudKey = (await createAccountOn(twin, loud, 'standard')).api_key;
  const quietKey = (await createAccountOn(twin, nameInShard(1, 'calm'), 'standard')).api_key;
  const quiet = createApi(twin.url, quietKey);
  const bodies = Array.from({ length: 8 }, noise);
  twin.resetCalls();
  let isOver = false;
  const flood = sendLoad({
    url: twin.url,
    count: batches,
    concurrency: 64,
    next: (index) => ({
      method: 'POST',
      path: '/v1/events',
      headers: { 'x-api-key': loudKey, 'content-type': 'application/json' },
      body: bodies[index % bodies.length] ?? '',
    }),
  }).finally(() => {
    isOver = true;
  });

  const ofQuiet: number[] = [];
  while (!isOver) ofQuiet.push((await quiet.post('/v1/events', [{ type: 'tick' }])).status);
  // On a slow machine, those at the end of the flood wait so long for those before them that they time out.
  const { 202: accepted = 0, 503: refused = 0, 504: late = 0, ...others } = countByStatus(await flood);

  expect(ofQuiet).toEqual(ofQuiet.map(() => 202));
  expect(others).toEqual({});
  expect(refused).toBeGreaterThan(0);
  const puts = twin.calls().ingest?.['kinesis.PutRecords']?.calls ?? 0;
  expect(puts).toBeLessThanOrEqual(ofQuiet.length + batches * overload.tries);
  await eventually(
    async () => twin.functions.activity().ingest,
    (ingest) => ingest?.busy === 0,
  );
  expect(twin.functions.activity().ingest?.waiting).toBe(0);
  // What was accepted is stored, and nothing that was refused.
  const summary = () => createApi(twin.url, loudKey).get(`/v1/accounts/${loud}/summary?window=24h`);
  const { json } = await eventually(summary, ({ json: { total } }) => total >= accepted * eventsInBatch);
  expect(json.total).toBeLessThanOrEqual((accepted + late) * eventsInBatch);
}, 120_000);
