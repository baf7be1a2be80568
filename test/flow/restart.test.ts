// A twin that is stopped in an orderly way and started again on what it kept.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorizationFor } from '@weir/twin/parts';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { type Api, createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { hurried } from '../support/hurried.ts';
import { removeTwinFolder } from '../support/logs.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-restart-'));
const before: string[] = [];
const after: string[] = [];
let twin: RunningWeir;
let objects: unknown;
let again: Api;

async function start() {
  twin = await startWeir({
    ...hurried,
    memory: false,
    folder,
    assembly: inject('assembly'),
    accountIds: ['acme'],
    report: () => undefined,
  });
  return createApi(twin.url, twin.accounts[0]?.api_key);
}

async function accept(api: Api, prefix: string) {
  const events = Array.from({ length: 5 }, (_, index) => ({
    event_id: `${prefix}-${index}`,
    type: 'restart',
  }));
  const { status, json } = await api.post('/v1/events', events);
  expect(status).toBe(202);
  return json.receipt as string;
}

const stored = (api: Api, receipt: string) =>
  eventually(
    () => api.get(receipt),
    ({ json }) => json.status === 'stored',
  );

beforeAll(async () => {
  const api = await start();
  before.push(await accept(api, 'a'), await accept(api, 'b'));
  for (const receipt of before) await stored(api, receipt);
  // Stored is seen a moment before the mapping hears that it is done.
  await eventually(
    async () => Object.values((await twin.state()).mappings).flatMap(({ shards }) => Object.values(shards)),
    (shards) => shards.every(({ held_records }) => held_records === 0),
  );
  twin.faults.inject({ on: { caller: 'consume' }, do: { kind: 'stop' } });
  after.push(await accept(api, 'c'), await accept(api, 'd'), await accept(api, 'e'));
  const [bucket = ''] = Object.keys((await twin.state()).buckets);
  const put = await fetch(`${twin.proxyUrl}/${bucket}/aws/lambda/record`, {
    method: 'PUT',
    headers: { authorization: authorizationFor('s3', 'ANYBODY') },
    body: '{"payload":"{}"}',
  });
  expect(put.status).toBe(200);
  await twin.stop();
  again = await start();
  // At once: a sweep would take it for a record.
  objects = (await twin.state()).buckets[bucket]?.objects;
});
afterAll(async () => {
  await twin.stop();
  removeTwinFolder(folder);
});

it('goes on in the stream where it was: what was delivered is not again, what was not is', async () => {
  for (const receipt of [...before, ...after]) {
    const { json } = await stored(again, receipt);
    expect(json).toMatchObject({ accepted: 5, stored: 5, duplicates: 0 });
  }
  expect(twin.calls()['consume-mapping']?.['kinesis.GetRecords']?.items).toBe(3);
  const { json } = await again.get('/v1/accounts/acme/summary?window=24h');
  expect(json).toMatchObject({ total: 25, duplicates: 0 });
}, 60_000);

it('finds an object that was put into a bucket, and lists it on its page', () => {
  expect(objects).toMatchObject([{ key: 'aws/lambda/record', bytes: 16 }]);
});
