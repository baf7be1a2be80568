// Quarantined records from the quarantine to their end: listed, replayed by an operator or automatically, or discarded.
// And the stream read again, which changes nothing that was counted.

import { afterAll, afterEach, expect } from 'vitest';
import { createKey } from '../../../cli/key/create.ts';
import { runCli } from '../../../cli/run.ts';
import type { Tenant } from '../../../domain/keys.ts';
import { hourMs, iso, minuteMs } from '../../../domain/system/time.ts';
import { selectStages } from '../../../lib/stage/stages.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';
import { poisonFor, type StreamAccess, streamOf } from '../../support/stream.ts';

/** The stage of the twin. */
const [dev = expect.fail('no dev')] = selectStages('dev');

let twin: RunningWeir;
let stream: StreamAccess;
it.beforeAll(({ weir }) => {
  twin = weir.twin;
  stream = streamOf(twin);
});
afterEach(() => twin.faults.clear());
afterAll(() => stream.end());

type Sender = { readonly api: Api; readonly tenant: Tenant };

async function newSender(account: string): Promise<Sender> {
  const { api_key } = await createAccountOn(twin, account, 'custom');
  return { api: createApi(twin.url, api_key), tenant: { account, environment: 'production', generation: 0 } };
}

const batch = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ event_id: `${prefix}-${index}`, type: 'quarantine' }));

async function accept({ api }: Sender, events: readonly object[]): Promise<string> {
  const { status, json } = await api.post('/v1/events', events);
  expect(status).toBe(202);
  return json.receipt;
}

/** Time passes for the twin while it waits, but not under an invocation, whose time it would take. */
const untilStatus = (api: Api, receipt: string, status: string, stepMs = 5000) =>
  eventually(
    async () => {
      if (twin.functions.activity().consume?.busy === 0) twin.clock.moveBy(stepMs);
      return (await api.get(receipt)).json;
    },
    (json) => json.status === status,
    60_000,
  );
const quarantineOf = async ({ api }: Sender) => (await api.get('/v1/quarantine')).json;
const summaryOf = async ({ api, tenant }: Sender, window = '24h') =>
  (await api.get(`/v1/accounts/${tenant.account}/summary?window=${window}`)).json;
/** Payloads of other accounts are not of interest. */
const objectNames = async (account: string) =>
  Object.entries((await twin.state()).buckets)
    // Review writes into the bucket of reports.
    .flatMap(([bucket, { objects }]) => (/failedrecords/i.test(bucket) ? objects.map(({ key }) => key) : []))
    .filter((key) => !key.startsWith('quarantine/') || key.startsWith(`quarantine/${account}/`));

async function weir(...words: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => (out += text), err: (text: string) => (err += `${text}\n`) };
  const code = await runCli([...words, '--json', '--endpoint', twin.proxyUrl], streams);
  return { code, err, json: out === '' ? undefined : JSON.parse(out) };
}

it('a record that ends the function is halved out of its batch and into quarantine, and replayed once it is mended', async () => {
  const sender = await newSender('crashing');
  const hold = twin.faults.inject({ on: { caller: 'consume' }, do: { kind: 'stop' } });
  const before = [await accept(sender, batch('a', 3)), await accept(sender, batch('b', 3))];
  const bad = await accept(sender, batch('crash', 4));
  const after = [await accept(sender, batch('c', 3)), await accept(sender, batch('d', 3))];
  const crash = twin.faults.inject({
    on: { caller: 'consume', operation: 'BatchExecuteStatement', text: 'crashing#production#0#crash-' },
    do: { kind: 'kill', moment: 'after' },
  });
  hold.remove();

  const unstored = await untilStatus(sender.api, bad, 'quarantined');

  expect(unstored).toMatchObject({ accepted: 4, stored: 0, quarantined: 4 });
  for (const receipt of [...before, ...after])
    expect(await untilStatus(sender.api, receipt, 'stored', 0)).toMatchObject({ stored: 3, duplicates: 0 });
  expect(await quarantineOf(sender)).toMatchObject({
    records: 1,
    events: 4,
    by_reason: [{ reason: 'crashed', records: 1, events: 4 }],
    quarantine: [{ batch_id: bad.split('/').at(-1), reason: 'crashed', events: 4 }],
    complete: true,
  });
  expect(await objectNames('crashing')).toEqual([
    expect.stringMatching(/^quarantine\/crashing\/production\//),
  ]);

  crash.remove();
  const replayed = await weir('quarantine', 'replay', '--account', 'crashing');

  expect(replayed.code).toBe(0);
  expect(await untilStatus(sender.api, bad, 'stored', 0)).toMatchObject({ stored: 4, quarantined: 0 });
  expect(await summaryOf(sender)).toMatchObject({ total: 16, duplicates: 0, conflicts: 0 });
  expect(await quarantineOf(sender)).toMatchObject({ records: 0, quarantine: [] });
  expect(await objectNames('crashing')).toEqual([]);
}, 120_000);

it('a record at which our own code throws is discarded: what it claimed is free again, and the books still balance', async () => {
  const sender = await newSender('poisoned');
  const neighbours = await accept(sender, batch('n', 3));
  await stream.put(sender.tenant, poisonFor(sender.tenant, 'poison', twin.clock.now()));
  await eventually(
    () => quarantineOf(sender),
    ({ records }) => records === 1,
  );
  expect(await untilStatus(sender.api, neighbours, 'stored', 0)).toMatchObject({ stored: 3 });

  const unsure = await weir('quarantine', 'discard', '--account', 'poisoned');
  expect(unsure.code).not.toBe(0);
  expect(await quarantineOf(sender)).toMatchObject({ records: 1, by_reason: [{ reason: 'failed' }] });
  const discarded = await weir('quarantine', 'discard', '--account', 'poisoned', '--yes');

  expect(discarded.code).toBe(0);
  expect(await quarantineOf(sender)).toMatchObject({ records: 0 });
  await eventually(
    async () => {
      // A move takes its time from an invocation, too.
      if (twin.functions.activity().settle?.busy === 0) twin.clock.moveBy(2 * minuteMs);
      return objectNames('poisoned');
    },
    ({ length }) => length === 0,
  );
  expect(await twin.invoke('report', {})).toMatchObject({ imbalance: 0 });
}, 60_000);

it('a client that repeats a request hears that its batch was discarded', async () => {
  const sender = await newSender('discarding');
  const fault = twin.faults.inject({
    on: { caller: 'consume', operation: 'BatchExecuteStatement', text: 'discarding#production#0#gone-' },
    do: { kind: 'error', status: 400, code: 'ValidationException' },
  });
  const post = () => sender.api.post('/v1/events', batch('gone', 2), { 'idempotency-key': 'k' });
  const { json } = await post();
  await untilStatus(sender.api, json.receipt, 'quarantined', 0);
  fault.remove();
  expect(await post()).toMatchObject({ status: 202, json });

  const { code } = await weir('quarantine', 'discard', '--account', 'discarding', '--yes');
  expect(code).toBe(0);

  expect(await post()).toMatchObject({
    status: 410,
    json: { code: 'batch_discarded', discarded: 2, batch_id: json.batch_id },
  });
}, 60_000);

it('an account replays and discards its own records over HTTP, by the name that its list has; its log says who', async () => {
  const sender = await newSender('self-serve');
  const operator = await operatorOf(twin);
  const keyOf = async (account_id: string) => {
    const request = { account_id, environment: 'production', scopes: ['admin'] } as const;
    return createKey({ ...operator, clock: twin.clock }, request);
  };
  const { api_key, key_id } = await keyOf('self-serve');
  const admin = createApi(twin.url, api_key);
  const fault = twin.faults.inject({
    on: { caller: 'consume', operation: 'BatchExecuteStatement', text: 'self-serve#production#0#bad-' },
    do: { kind: 'error', status: 400, code: 'ValidationException' },
  });
  const receipts = [await accept(sender, batch('bad-a', 2)), await accept(sender, batch('bad-b', 3))];
  for (const receipt of receipts) await untilStatus(sender.api, receipt, 'quarantined');
  fault.remove();
  const { quarantine } = await quarantineOf(sender);
  const recordOf = (events: number) =>
    quarantine.find((entry: { events: number }) => entry.events === events).record;
  const [kept, given] = [recordOf(2), recordOf(3)];
  await newSender('curious');
  const stranger = createApi(twin.url, (await keyOf('curious')).api_key);

  const refused = await stranger.post(`/v1/quarantine/${kept}/discard`, '');
  expect(refused).toMatchObject({ status: 404, json: { code: 'not_in_quarantine' } });
  const replayed = await admin.post(`/v1/quarantine/${kept}/replay`, '');
  expect(replayed).toMatchObject({ status: 200, json: { record: kept, outcome: 'stored', stored: 2 } });
  const discarded = await admin.post(`/v1/quarantine/${given}/discard`, '');
  expect(discarded).toMatchObject({ status: 200, json: { record: given, outcome: 'discarded' } });

  expect((await sender.api.get(receipts[0] ?? '')).json).toMatchObject({ status: 'stored', stored: 2 });
  expect(await quarantineOf(sender)).toMatchObject({ records: 0 });
  const { entries } = (await admin.get('/v1/audit?limit=2')).json;
  expect(entries).toMatchObject([
    {
      who: `key ${key_id}`,
      what: 'quarantine.discard',
      record: given,
      after: { events: 3, reason: 'failed' },
    },
    { who: `key ${key_id}`, what: 'quarantine.replay', record: kept, after: { events: 2, reason: 'failed' } },
  ]);
  const { entries: told } = (
    await weir('audit', '--account', 'self-serve', '--to', iso(twin.clock.now() + minuteMs))
  ).json;
  expect(told.slice(-2)).toEqual(entries.toReversed());
}, 60_000);

it('what an outage quarantined is replayed automatically', async () => {
  const sender = await newSender('outage');
  const hold = twin.faults.inject({ on: { caller: 'consume' }, do: { kind: 'stop' } });
  const receipts = [await accept(sender, batch('p', 5)), await accept(sender, batch('q', 5))];
  twin.clock.moveBy((dev.maxRecordAgeHours + 1) * hourMs);
  hold.remove();

  const listed = await eventually(
    () => quarantineOf(sender),
    ({ records }) => records === 2,
  );
  expect(listed).toMatchObject({ by_reason: [{ reason: 'outage', records: 2, events: 10 }] });
  expect((await sender.api.get(receipts[0] ?? '')).json).toMatchObject({
    status: 'quarantined',
    quarantined: 5,
  });
  for (const receipt of receipts)
    expect(await untilStatus(sender.api, receipt, 'stored', minuteMs)).toMatchObject({ stored: 5 });

  expect(await quarantineOf(sender)).toMatchObject({ records: 0 });
  expect(await summaryOf(sender)).toMatchObject({ total: 10, duplicates: 0 });
}, 60_000);

it('a record that nobody can read is kept, its neighbours pass, and an operator hears of it', async () => {
  const sender = await newSender('unreadable');
  const receipts = [await accept(sender, batch('before', 3))];
  await stream.put(sender.tenant, Buffer.from('no envelope'));
  receipts.push(await accept(sender, batch('after', 3)));

  for (const receipt of receipts)
    expect(await untilStatus(sender.api, receipt, 'stored', 0)).toMatchObject({ stored: 3 });
  const { json } = await eventually(
    () => weir('quarantine', 'list'),
    (answer) => answer.json.unreadable.length > 0,
  );

  expect(json.unreadable).toMatchObject([{ name: expect.stringMatching(/^unreadable\/\d+$/), bytes: 11 }]);
});

it('the stream is read again: what was counted stays as it was, and what was not is counted, once', async () => {
  const sender = await newSender('again');
  // The operator knows nothing of a clock that was moved.
  const from = new Date(Date.now() - minuteMs).toISOString();
  const replayed = () =>
    weir(
      'replay',
      '--account',
      'again',
      '--from',
      from,
      '--to',
      new Date(twin.clock.now() + minuteMs).toISOString(),
    );
  const stored = [await accept(sender, batch('r', 20)), await accept(sender, batch('s', 20))];
  for (const receipt of stored) await untilStatus(sender.api, receipt, 'stored', 0);
  const hold = twin.faults.inject({ on: { caller: 'consume' }, do: { kind: 'stop' } });
  const waiting = await accept(sender, batch('t', 5));
  const expected = { total: 45, duplicates: 0, conflicts: 0 };

  const replay = await replayed();

  expect(replay, replay.err).toMatchObject({ code: 0 });
  expect(await untilStatus(sender.api, waiting, 'stored', 0)).toMatchObject({ stored: 5 });
  expect(await summaryOf(sender)).toMatchObject(expected);
  hold.remove();
  const last = await accept(sender, batch('u', 1));
  await untilStatus(sender.api, last, 'stored', 0);
  expect(await replayed()).toMatchObject({ code: 0, json: expect.anything() });
  expect(await summaryOf(sender)).toMatchObject({ ...expected, total: 46 });
}, 60_000);
