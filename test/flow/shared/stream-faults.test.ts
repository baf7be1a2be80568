// Everything that can go wrong behind the 202, made to go wrong: what was accepted is stored once, all the same.

import { seededRandom } from '@weir/twin/faults';
import { afterAll, afterEach, expect } from 'vitest';
import type { Tenant } from '../../../domain/keys.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';
import { type StreamAccess, streamOf } from '../../support/stream.ts';

let twin: RunningWeir;
let reports: string[];
let stream: StreamAccess;
it.beforeAll(({ weir }) => {
  ({ twin, reports } = weir);
  stream = streamOf(twin);
});
afterEach(() => {
  twin.faults.clear();
  reports.length = 0;
});
afterAll(() => stream.end());

type Sender = { readonly api: Api; readonly tenant: Tenant };

/** An account of its own for each test, so that none counts what is another's. */
async function newSender(account: string): Promise<Sender> {
  const { api_key } = await createAccountOn(twin, account, 'custom');
  return { api: createApi(twin.url, api_key), tenant: { account, environment: 'production', generation: 0 } };
}

const batch = (prefix: string, count: number, note = '') =>
  Array.from({ length: count }, (_, index) => ({
    event_id: `${prefix}-${index}`,
    type: 'fault',
    ...(note && { metadata: { note } }),
  }));

async function accept({ api }: Sender, events: readonly object[]): Promise<string> {
  const { status, json } = await api.post('/v1/events', events);
  expect(status).toBe(202);
  expect(json.accepted).toBe(events.length);
  return json.receipt;
}

/** Until each receipt says so, of `count` events each, none of them twice. */
async function expectStoredOnce(
  { api, tenant }: Sender,
  receipts: readonly string[],
  count: number,
): Promise<void> {
  for (const receipt of receipts) {
    const { json } = await eventually(
      () => api.get(receipt),
      ({ json: { status } }) => status === 'stored',
    );
    expect(json).toMatchObject({ accepted: count, stored: count, duplicates: 0, conflicts: 0 });
  }
  const { json } = await api.get(`/v1/accounts/${tenant.account}/summary?window=24h`);
  expect(json).toMatchObject({ total: count * receipts.length, duplicates: 0, conflicts: 0 });
}

const mapping = async () => Object.values((await twin.state()).mappings)[0];

it.each([
  ['before', 'BatchExecuteStatement'],
  ['after', 'BatchExecuteStatement'],
  ['after', 'BatchWriteItem'],
  ['before', 'Query'],
  ['after', 'Query'],
] as const)(
  'the consumer is killed %s its %s: the batch comes again, and counts once',
  async (moment, operation) => {
    const sender = await newSender(`killed-${moment}-${operation.toLowerCase()}`);
    const kill = twin.faults.inject({
      on: { caller: 'consume', operation },
      do: { kind: 'kill', moment },
      when: { times: 1 },
    });

    const receipt = await accept(sender, batch('k', 30));

    await expectStoredOnce(sender, [receipt], 30);
    expect(kill.met()).toBe(1);
    expect(reports.join()).toContain('signal: killed');
  },
);

it.each([true, false])('a batch that is delivered twice (at once: %s) counts once', async (together) => {
  const sender = await newSender(`twice-${together}`);
  const twice = twin.faults.inject({ on: { caller: 'consume' }, do: { kind: 'deliver_twice', together } });

  const receipts = [await accept(sender, batch('a', 40)), await accept(sender, batch('b', 40))];

  await expectStoredOnce(sender, receipts, 40);
  expect(twice.met()).toBeGreaterThan(0);
});

it('a PutRecords whose answer is lost is put again, and its events count once', async () => {
  const sender = await newSender('lost');
  const lost = twin.faults.inject({
    on: { caller: 'ingest', operation: 'PutRecords' },
    do: { kind: 'drop_answer' },
    when: { times: 1 },
  });
  twin.resetCalls();

  const receipt = await accept(sender, batch('l', 20));

  await expectStoredOnce(sender, [receipt], 20);
  expect(lost.met()).toBe(1);
  const calls = twin.calls();
  expect(calls.ingest?.['kinesis.PutRecords']).toMatchObject({ calls: 2, errors: 1, items: 2 });
  expect(calls['consume-mapping']?.['kinesis.GetRecords']?.items).toBe(2);
});

it('statements and items that fail in part are tried again, and nothing is missing or twice', async () => {
  const sender = await newSender('throttled-in-part');
  const parts = ['BatchExecuteStatement', 'BatchWriteItem', 'BatchGetItem'].map((operation) =>
    twin.faults.inject({ on: { caller: 'consume', operation }, do: { kind: 'partial', share: 0.4 } }, 7),
  );

  const receipts = await Promise.all(['a', 'b', 'c'].map((prefix) => accept(sender, batch(prefix, 60))));
  await expectStoredOnce(sender, receipts, 60);
  // The holders of its ids are read.
  await accept(sender, batch('a', 60));

  await eventually(
    async () => parts.map((part) => part.met()),
    (met) => met.every((times) => times > 0),
  );
  await expectStoredOnce(sender, receipts, 60);
  for (const part of parts) expect(part.met()).toBeGreaterThan(0);
});

it('a shard takes a megabyte a second: what it refuses the client sends again, and all is stored once', async () => {
  const sender = await newSender('loud');
  const random = seededRandom(11);
  // Nothing that would compress.
  const noise = () =>
    Array.from({ length: 4000 }, () => String.fromCharCode(33 + Math.floor(random() * 90))).join('');
  type Shards = Readonly<Record<string, { readonly refused: { readonly records: number } }>>;
  const refused = async () =>
    Object.values((await twin.state()).streams[stream.name] as Shards)
      .map((shard) => shard.refused.records)
      .reduce((sum, records) => sum + records, 0);
  const before = await refused();
  const sendUntilAccepted = async (events: readonly object[]): Promise<string> => {
    const { json } = await eventually(
      () => sender.api.post('/v1/events', events),
      ({ status }) => status === 202,
    );
    return json.receipt;
  };

  // Each round is twice what a shard takes in a second: a machine that is slow to send may need more than one.
  const receipts: string[] = [];
  for (let round = 0; round < 10 && (await refused()) === before; round += 1)
    receipts.push(
      ...(await Promise.all(
        ['a', 'b', 'c', 'd', 'e'].map((prefix) =>
          sendUntilAccepted(
            batch(`${prefix}${round}`, 100).map((each) => ({ ...each, metadata: { noise: noise() } })),
          ),
        ),
      )),
    );

  await expectStoredOnce(sender, receipts, 100);
  expect(await refused()).toBeGreaterThan(before);
});

it('a shard is split under load: its children are read after it, and nothing is missing or twice', async () => {
  const sender = await newSender('split');
  const receipts: string[] = [];
  const send = async (from: number) => {
    for (let index = from; index < from + 12; index += 1)
      receipts.push(await accept(sender, batch(`s${index}`, 10)));
  };

  const sending = Promise.all([send(0), send(100), send(200)]);
  const parent = await stream.splitShardOf(sender.tenant);
  await sending;

  await expectStoredOnce(sender, receipts, 10);
  const shards = (await mapping())?.shards ?? {};
  expect(shards[parent]?.state).toBe('drained');
  expect(Object.keys(shards).length).toBeGreaterThan(5);
});
