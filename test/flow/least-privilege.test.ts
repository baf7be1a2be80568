// Every function does all that it does, under its own role: what it is granted is used or explained, and nothing that
// it needs is denied. And where a grant is missing, everybody hears of it who should.

import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { stale, unexplained, unusedGrants as unusedEverywhere } from '@weir/twin/enforcement';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { S3FailedRecords } from '../../adapters/quarantine/s3-failed-records.ts';
import { DynamoPlatformKeys } from '../../adapters/signing/dynamodb-platform-keys.ts';
import { runCli } from '../../cli/run.ts';
import { longestPrincipalAgeMs } from '../../domain/accounts/accounts.ts';
import { digestOf } from '../../domain/event/digest.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { deadLetterName, identityKey, lambdaPrefix, letterPrefixes } from '../../domain/keys.ts';
import { circuitRules } from '../../domain/limits/circuit.ts';
import { sheddingRules } from '../../domain/limits/shedding.ts';
import { finishDiscardAfterMs } from '../../domain/quarantine/quarantine.ts';
import { makeSeed, seedRandomBytes } from '../../domain/record/batch-id.ts';
import { makeEventId, readMadeId } from '../../domain/record/made-id.ts';
import { signRequest } from '../../domain/signing/request-signature.ts';
import { longestStreamMs } from '../../domain/storing/origin.ts';
import { dayMs, hourMs, minuteMs } from '../../domain/system/time.ts';
import { demoOwner } from '../../local/issuer.ts';
import { unusedGrants as unusedInWeir } from '../../local/unused-grants.ts';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { operatorConnection, tableNameOf } from '../storm/tables.ts';
import { type Api, createApi } from '../support/api.ts';
import { putEmptyLinks } from '../support/empty-links.ts';
import { eventually } from '../support/eventually.ts';
import { hurried } from '../support/hurried.ts';
import { ofLaterVersion } from '../support/later-version.ts';
import { removeTwinFolder } from '../support/logs.ts';
import { poisonFor, streamOf } from '../support/stream.ts';
import { noPause } from '../support/tables.ts';
import { receiveMuch } from '../support/whales.ts';
import { deadLetter, sealed } from '../unit/lambdas/settle/fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-privilege-'));
const reports: string[] = [];
let twin: RunningWeir;
let api: Api;
beforeAll(async () => {
  twin = await startWeir({
    ...hurried,
    folder,
    assembly: inject('assembly'),
    accountIds: ['acme'],
    report: (problem) => reports.push(problem),
  });
  api = createApi(twin.url, twin.accounts[0]?.api_key);
});
afterAll(async () => {
  await twin.stop();
  removeTwinFolder(folder);
});

/** The stage leaves the priority stream out. test/flow/streams.test.ts has it. */
const unusedGrants = [...unusedEverywhere, ...unusedInWeir.filter(({ of }) => of !== 'consume-priority')];
const tenant = { account: 'acme', environment: 'production', generation: 0 };

async function store(events: readonly object[]) {
  const { status, json } = await eventually(
    () => api.post('/v1/events', events),
    (answer) => {
      const isShed = answer.json.code === 'load_shed';
      // This test moves the clock by hours, and records may be under way: once they are stored, nobody is shed.
      if (isShed) twin.clock.moveBy(sheddingRules.knownForMs);
      return !isShed;
    },
  );
  expect(status).toBe(202);
  const receipt = await eventually(
    () => api.get(json.receipt),
    (answer) => answer.json.status === 'stored',
  );
  return receipt.json;
}

/** The first is stored. Of the others, one would be in a claim log. */
async function searchFor([stored = '', ...others]: readonly string[]) {
  const { json } = await api.get(`/v1/events?limit=1`);
  expect(json.next_cursor).toBeDefined();
  expect((await api.get(`/v1/events?limit=1&cursor=${json.next_cursor}`)).status).toBe(200);
  expect((await api.get(`/v1/events/${stored}`)).status).toBe(200);
  for (const eventId of others) expect((await api.get(`/v1/events/${eventId}`)).status).toBe(404);
}

const objectNames = async () =>
  Object.values((await twin.state()).buckets).flatMap(({ objects }) => objects.map(({ key }) => key));

const isLetter = (name: string) => letterPrefixes.some((prefix) => name.startsWith(prefix));

/** The stage refuses nothing because of it. */
async function reachAQuota() {
  await weir('account', 'set', '--events-per-day', '1');
  twin.clock.moveBy(longestPrincipalAgeMs);
  await store([{ type: 'order', event_id: 'quota' }]);
}

/** Records with stored events, with events of a closed day, and one without a readable header. */
async function quarantineReplayAndDiscard() {
  const receivedAtMs = twin.clock.now();
  const yesterday = { type: 'order', timestamp: receivedAtMs - dayMs };
  const resent = { ...event, timestamp: receivedAtMs, made: ['timestamp'] };
  const sentBack = { type: 'made', event_id: madeId, timestamp: receivedAtMs, made: ['timestamp'] };
  const idOf = (random: number) =>
    Buffer.from(makeSeed(receivedAtMs, Buffer.alloc(seedRandomBytes, random))).toString('base64url');
  const inLog = { ...yesterday, event_id: inLogs.settle };
  const known = sealed(
    [
      resent,
      sentBack,
      await ofNoRecord(),
      { ...yesterday, event_id: 'c' },
      inLog,
      ...inLogsOfTheirOwn.map((event_id) => ({ ...resent, event_id })),
    ] as AcceptedEvent[],
    { batchId: idOf(2), receivedAtMs },
  );
  const stream = streamOf(twin);

  // Consume quarantines a record of a later release, with a job, and one at which our own code fails.
  const later = ofLaterVersion(sealed([event as AcceptedEvent], { batchId: idOf(1), receivedAtMs }));
  await stream.put(tenant, later, poisonFor(tenant, 'poison', receivedAtMs));
  await eventually(objectNames, (names) => names.includes('quarantine/acme/production/0/poison.0'));
  // Settle takes the dead letter. One record is replayed from quarantine, another is on the stream again.
  const again = sealed([{ ...yesterday, event_id: 'd' }] as AcceptedEvent[], {
    batchId: 'again',
    receivedAtMs,
  });
  // The commands read from its id when it was received.
  const unwantedId = idOf(0);
  const unwanted = sealed([{ ...yesterday, event_id: 'e' }], { batchId: unwantedId, receivedAtMs });
  await putDeadLetter(deadLetter([known, again, unwanted, Buffer.from('noise')], 'failed'));
  await eventually(objectNames, (names) => !names.some(isLetter));
  await stream.put(tenant, again);
  await eventually(
    () => api.get('/v1/quarantine'),
    ({ json }) => json.records === 4,
  );
  for (const which of [
    ['--reason', 'failed'],
    ['--reason', 'newer_version'],
  ])
    expect(await weir('quarantine', 'discard', ...which, '--yes')).toMatchObject({
      by_outcome: { discarded: 1 },
    });
  await manageItself(`${unwantedId}.0`);
  expect(await weir('quarantine', 'replay')).toMatchObject({
    events: { stored: 3, duplicates: 2 + inLogsOfTheirOwn.length },
  });
  await finishTheDiscards(['poison', unwantedId]);
  stream.end();
}

/** All that the account itself manages, and the discard of the record. */
async function manageItself(record: string) {
  const { api_key } = await weir('key', 'create', '--scopes', 'admin');
  const admin = createApi(twin.url, api_key);
  expect((await admin.get('/v1/keys')).status).toBe(200);
  const made = await admin.post('/v1/keys', { scopes: ['read'] });
  const rotated = await admin.post(`/v1/keys/${made.json.key_id}/rotate`, '');
  expect((await admin.delete(`/v1/keys/${rotated.json.key_id}`)).status).toBe(200);
  expect((await admin.get('/v1/audit')).json.entries.length).toBeGreaterThan(3);
  expect((await admin.get('/v1/health')).json).toMatchObject({ report_age_ms: expect.any(Number) });
  const discarded = await admin.post(`/v1/quarantine/${record}/discard`, '');
  expect(discarded).toMatchObject({ status: 200, json: { outcome: 'discarded' } });
}

/** An event whose id names a record that never came, and cannot come any more: settle takes its place. */
async function ofNoRecord() {
  const receivedAtMs = twin.clock.now() - longestStreamMs - dayMs;
  const { keyNumber } = readMadeId(madeId) ?? expect.fail('it is no made id');
  const client = createDocumentClient(workTimeouts, operatorConnection(twin));
  const table = { client, name: tableNameOf(twin, 'Ledger'), pause: noPause };
  const keys = new DynamoPlatformKeys({ table, clock: { now: () => twin.clock.now() } });
  const key = (await keys.find(keyNumber)) ?? expect.fail('there is no such key');
  client.destroy();
  const seed = makeSeed(receivedAtMs, Buffer.alloc(seedRandomBytes));
  const lost = { event_id: '', type: 'lost', timestamp: receivedAtMs };
  const place = { seed, part: 0, index: 0, slot: 0, timestamp: receivedAtMs, retentionDays: 400 };
  return { ...lost, event_id: makeEventId(place, digestOf(lost), tenant, key) };
}

/** Ids that are claimed in logs. */
const inLogs = { consume: 'a-batch-of-some-sender~0', settle: 'b-batch-of-some-sender~0' };

/** More logs than are queried: that nobody has added to them is asked by key. */
const inLogsOfTheirOwn = Array.from({ length: 20 }, (_, index) => `${String(index).padStart(22, 'c')}~0`);

/** Consume and settle prolong these logs before they append to them. */
async function putLogsThatExpireSoon() {
  const client = createDocumentClient(workTimeouts, operatorConnection(twin));
  const table = { client, name: tableNameOf(twin, 'ClaimLogs'), pause: noPause };
  for (const eventId of Object.values(inLogs))
    await putEmptyLinks(table, {
      identityKey: identityKey(tenant, eventId),
      count: 3,
      nowMs: twin.clock.now(),
    });
  client.destroy();
}

async function putDeadLetter(object: Uint8Array, name = `${lambdaPrefix}dead-letter`) {
  const [bucket] = twin.template.resources('AWS::S3::Bucket');
  const credentials = { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' };
  const failedRecords = new S3FailedRecords({
    bucket: bucket?.name ?? '',
    timeouts: workTimeouts,
    connection: { endpoint: twin.proxyUrl, region: 'us-east-1', credentials },
  });
  await failedRecords.put(name, object);
}

async function finishTheDiscards(batchIds: readonly string[]) {
  twin.clock.moveBy(finishDiscardAfterMs);
  await sweepUntil((names) => !names.some((name) => batchIds.some((batchId) => name.includes(batchId))));
}

const sweepUntil = (isDone: (names: readonly string[]) => boolean) =>
  eventually(async () => {
    // Minute by minute, and not under an invocation, whose time it would take.
    if (twin.functions.activity().settle?.busy === 0) twin.clock.moveBy(minuteMs);
    return objectNames();
  }, isDone);

/** Consume and settle find on the list of a run what is counted. */
async function meetACountedRecord() {
  const counted = sealed([{ type: 'order', event_id: 'f', timestamp: twin.clock.now() }], {
    batchId: 'counted',
    receivedAtMs: twin.clock.now(),
  });
  const stream = streamOf(twin);
  // A lane keeps its order: when the batch is stored, the record before it is counted.
  const put = async (next: string) => {
    await stream.put(tenant, counted);
    await store([{ ...event, event_id: next }]);
  };
  await put('g');
  const isUnused = () => unexplained(twin.grants()).some((grant) => /GetItem .*Aggregates/.test(grant));
  // On a loaded machine a fold may be left to a later run of report.
  for (const next of ['h', 'i', 'j']) {
    twin.clock.moveBy(2 * hourMs);
    expect(await twin.invoke('report', {})).toMatchObject({ imbalance: expect.any(Number) });
    await put(next);
    // As consume writes it for a lane.
    await putDeadLetter(deadLetter([counted], 'failed'), deadLetterName(tenant, 'counted.0', 'digest'));
    await sweepUntil((names) => !names.some(isLetter));
    if (!isUnused()) break;
  }
  stream.end();
}

/** The id of an event that came without one. Sent back, consume and settle look for the receipt of its record. */
let madeId: string;
async function sendBackAMadeId() {
  const { json } = await api.post('/v1/events', [{ type: 'made' }]);
  madeId = json.assigned[0].event_id;
  await eventually(
    () => api.get(json.receipt),
    (answer) => answer.json.status === 'stored',
  );
  expect(await store([{ type: 'made', event_id: madeId }])).toMatchObject({ stored: 0, duplicates: 1 });
}

/** A week lies between two reviews, so that the second makes a report. An alarm rings before it. */
async function review() {
  const client = new CloudWatchClient(operatorConnection(twin));
  const AlarmName = 'weir-dev-stream-lag';
  await client.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }));
  client.destroy();
  expect(await twin.invoke('review', {})).toMatchObject({ incidents: expect.any(Number) });
}

const event = { event_id: 'a', type: 'order' };

async function weir(...words: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => (out += text), err: (text: string) => (err += text) };
  const code = await runCli([...words, '--account', 'acme', '--json', '--endpoint', twin.proxyUrl], streams);
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

async function useKeysPoliciesAndSignatures() {
  const keyed = await api.post('/v1/events', [event], { 'idempotency-key': 'k' });
  expect(keyed.status).toBe(202);
  const again = await api.post('/v1/events', [event], { 'idempotency-key': 'k' });
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  const file = join(folder, 'policy.json');
  writeFileSync(file, JSON.stringify({ fields: [{ name: 'password', action: 'refuse' }] }));
  await weir('account', 'policy', 'set', '--file', file);
  const { signing_secret, secret_id } = await weir('account', 'signing', 'add');
  twin.clock.moveBy(longestPrincipalAgeMs);
  const body = JSON.stringify([event]);
  const nowMs = twin.clock.now();
  const signed = await api.post('/v1/events', body, {
    'x-weir-timestamp': String(nowMs),
    'x-weir-signature': signRequest(signing_secret, nowMs, Buffer.from(body)),
  });
  expect(signed.status).toBe(202);
  await weir('account', 'signing', 'remove', '--secret', secret_id);
}

/** Whose account no request names. */
async function readAsPerson() {
  const authorization = `Bearer ${await twin.issuer.token(demoOwner)}`;
  expect((await createApi(twin.url).get('/v1/quarantine', { authorization })).status).toBe(200);
  const api = createApi(twin.url);
  const added = await api.post('/v1/members', { person: 'eve', role: 'viewer' }, { authorization });
  expect(added.status).toBe(201);
  expect((await api.delete('/v1/members/eve', { authorization })).status).toBe(200);
}

/** Its circuit opens. */
async function sendGarbage() {
  const { api_key } = await weir('key', 'create');
  const api = createApi(twin.url, api_key);
  await eventually(
    () =>
      Promise.all(
        Array.from({ length: circuitRules.leastRequests }, () => api.post('/v1/events', '{"type":')),
      ),
    (answers) => answers.some(({ json }) => json.code === 'circuit_open'),
  );
  twin.clock.moveBy(circuitRules.mostOpenMs);
  expect((await api.post('/v1/events', [event])).status).toBe(202);
}

async function useARevokedKey() {
  const { api_key, key_id } = await weir('key', 'create');
  await weir('key', 'revoke', '--key', key_id);
  expect((await createApi(twin.url, api_key).post('/v1/events', [event])).status).toBe(401);
  const isAnnounced = () =>
    twin.events().some(({ event: seen }) => seen['detail-type'] === 'key.used_after_revocation');
  await eventually(async () => isAnnounced(), Boolean);
}

/**
 * Consume-late has the code and the rights of consume (test/infra/function/functions.test.ts): that consume uses one is
 * enough. Of its own it has those on its stream.
 */
function withoutSecondConsumer(unused: readonly string[]): string[] {
  return unused.filter((line) => {
    const ofConsume = line.replace(/^consume-late /, 'consume ');
    return ofConsume === line || unused.includes(ofConsume) || line.includes('stream/');
  });
}

/** Of a record without a receipt, report asks whether its account was deleted. */
async function reportARecordInFlight() {
  const hold = twin.faults.inject({ on: { caller: 'consume' }, do: { kind: 'stop' } });
  const { status, json } = await api.post('/v1/events', [{ ...event, event_id: 'in-flight' }]);
  expect(status).toBe(202);
  await eventually(
    async () => (await twin.invoke('report', {})) as { readonly inFlight: number },
    ({ inFlight }) => inFlight > 0,
  );
  hold.remove();
  await eventually(
    () => api.get(json.receipt),
    (answer) => answer.json.status === 'stored',
  );
}

describe('a twin that has done everything', () => {
  beforeAll(async () => {
    await putLogsThatExpireSoon();
    const some = ['b', inLogs.consume].map((event_id) => ({ ...event, event_id }));
    expect(await store([event, ...some])).toMatchObject({ stored: 3 });
    const alone = inLogsOfTheirOwn.map((event_id) => ({ ...event, event_id }));
    expect(await store(alone)).toMatchObject({ stored: alone.length });
    expect(await store(alone)).toMatchObject({ duplicates: alone.length });
    await sendBackAMadeId();
    await reportARecordInFlight();
    expect(await store([event])).toMatchObject({ duplicates: 1 });
    expect(await store([{ ...event, type: 'another' }])).toMatchObject({ conflicts: 1 });
    for (const operation of ['BatchExecuteStatement', 'BatchWriteItem', 'BatchGetItem', 'PutRecords']) {
      // Not a throttle of the shard: on a slow machine, ingest does not put it again.
      const code = operation === 'PutRecords' ? { code: 'InternalFailure' } : {};
      const fault = {
        on: { operation },
        do: { kind: 'partial', share: 1, ...code },
        when: { times: 1 },
      } as const;
      twin.faults.inject(fault);
    }
    await store([{ ...event, event_id: 'retried' }]);
    await useKeysPoliciesAndSignatures();
    await readAsPerson();
    await sendGarbage();
    await useARevokedKey();
    await quarantineReplayAndDiscard();
    await meetACountedRecord();
    await review();
    // The claim is over, and the next record takes the id.
    twin.clock.moveBy(40 * dayMs);
    expect(await store([event])).toMatchObject({ stored: 1 });
    expect((await api.get('/v1/accounts/acme/summary?window=24h')).json).toMatchObject({ total: 1 });
    // A day that is over is folded by whoever reads it first, once its runs are.
    twin.clock.moveBy(2 * dayMs);
    await twin.invoke('report', {});
    expect((await api.get('/v1/accounts/acme/summary?window=7d')).json).toMatchObject({ total: 1 });
    const late = { event_id: 'late', type: 'order', timestamp: twin.clock.now() - 2 * dayMs };
    expect(await store([late])).toMatchObject({ stored: 1 });
    expect((await api.get('/v1/accounts/acme/summary?window=7d')).json).toMatchObject({ total: 2 });
    expect((await api.get('/v1/quarantine')).json).toMatchObject({ complete: true });
    expect((await api.get('/v1/usage')).json).toMatchObject({ account_id: 'acme' });
    expect((await api.get('/v1/slo')).json).toMatchObject({ account_id: 'acme' });
    await searchFor(['late', inLogs.consume, 'never-there']);
    await reachAQuota();
    expect((await api.get('/health')).status).toBe(200);
    await receiveMuch(twin, tenant, 20);
    await twin.invoke('report', {});
    // What was counted of the day is corrected in the next one.
    twin.clock.moveBy(dayMs - (twin.clock.now() % dayMs) + 7 * hourMs);
    expect(await twin.invoke('report', {})).toMatchObject({ imbalance: expect.any(Number) });
    await review();
  }, 90_000);

  it('was denied nothing', () => {
    expect(Object.values(twin.grants()).flatMap(({ denied }) => denied)).toEqual([]);
    expect(reports.filter((line) => line.includes('denied'))).toEqual([]);
  });

  it('has used every grant that is not explained', () => {
    expect(withoutSecondConsumer(unexplained(twin.grants()))).toEqual([]);
  });

  it('has used no grant that is explained, and has each', () => {
    expect(stale(twin.grants(), unusedGrants)).toEqual([]);
  });

  it('lists on a page that nothing is left unused, and what only AWS uses', async () => {
    const { json } = await createApi(twin.url).get('/_weir/grants/unused');

    expect({ ...json, unused_so_far: withoutSecondConsumer(json.unused_so_far) }).toEqual({
      unused_so_far: [],
      explained: unusedGrants,
    });
  });

  it('shows on a page how often each was used, or why not', async () => {
    const page = (await createApi(twin.url).get('/_weir/grants')).json;

    expect(Object.keys(page).toSorted()).toEqual([
      'announce',
      'authorize',
      'consume',
      'consume-late',
      'ingest',
      'manage',
      'measure',
      'read',
      'report',
      'review',
      'settle',
      'tally',
    ]);
    expect(page.ingest.grants).toContainEqual({
      action: 'dynamodb:PutItem',
      resource: expect.stringMatching(/:table\/.*Ledger/),
      condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['platform#keys'] } },
      used: 2,
    });
    expect(page.read.grants).toContainEqual({
      action: 'logs:PutLogEvents',
      resource: expect.stringMatching(/^arn:aws:logs:/),
      used: 0,
      unused_because: expect.stringMatching(/^Lambda /),
    });
  });
});

type Statement = { Action: string | string[]; Condition?: unknown };
type Edit = (statements: readonly Statement[], functionVerb: string) => readonly Statement[];

/** The assembly of the twin with the policies of its functions edited. */
function editedAssembly(edit: Edit): string {
  const assembly = join(mkdtempSync(join(folder, 'edited-')), 'assembly');
  cpSync(twin.assemblyFolder, assembly, { recursive: true });
  for (const name of readdirSync(assembly).filter((each) => each.endsWith('.template.json'))) {
    const template = JSON.parse(readFileSync(join(assembly, name), 'utf8'));
    // biome-ignore lint/suspicious/noExplicitAny: a template is searched freely.
    const resources = Object.values<any>(template.Resources);
    const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
    for (const { Properties } of ofType('AWS::Lambda::Function')) {
      const [role] = Properties.Role['Fn::GetAtt'];
      const own = ofType('AWS::IAM::Policy').filter((policy) => policy.Properties.Roles[0].Ref === role);
      for (const { Properties: policy } of own)
        policy.PolicyDocument.Statement = edit(
          policy.PolicyDocument.Statement,
          Properties.FunctionName.split('-').at(-1),
        );
    }
    writeFileSync(join(assembly, name), JSON.stringify(template));
  }
  return assembly;
}

describe('where the template grants less', () => {
  let poor: RunningWeir;
  const told: string[] = [];
  beforeAll(async () => {
    const assembly = editedAssembly((statements, verb) =>
      statements
        .filter(({ Action }) => verb !== 'read' || ![Action].flat().includes('dynamodb:Query'))
        .map((statement) =>
          verb === 'ingest' && statement.Condition !== undefined
            ? {
                ...statement,
                Condition: JSON.parse(JSON.stringify(statement.Condition).replace('platform#', 'another#')),
              }
            : statement,
        ),
    );
    poor = await startWeir({
      assembly,
      memory: true,
      folder: join(folder, 'poor'),
      accountIds: ['acme'],
      report: (problem) => told.push(problem),
    });
  }, 30_000);
  afterAll(() => poor.stop());

  it.each<[string, string, (client: Api) => ReturnType<Api['get']>]>([
    ['a grant', 'Query', (client) => client.get('/v1/accounts/acme/summary?window=24h')],
    ['the value of a condition', 'GetItem', (client) => client.post('/v1/events', [event])],
  ])(
    'by %s, clients hear that the service is not there, and the console names dynamodb:%s',
    async (_, action, ask) => {
      const answer = await ask(createApi(poor.url, poor.accounts[0]?.api_key));

      expect(answer).toMatchObject({ status: 503, json: { type: 'urn:weir:problem:unavailable' } });
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(JSON.stringify(answer.json)).not.toMatch(/arn:|Denied|denied|dynamodb|role/i);
      const lines = told.filter((line) => line.includes(`dynamodb:${action} on arn:`));
      expect(lines).toEqual([
        expect.stringContaining(`needs it, grant dynamodb:${action} on that resource to its role.`),
      ]);
    },
  );

  it('what nothing used is named by function, action and resource', async () => {
    const { json } = await createApi(poor.url).get('/_weir/grants/unused');

    expect(json.unused_so_far).toContainEqual(
      expect.stringMatching(/^report does not use dynamodb:Scan on arn:aws:dynamodb:\S+Accounts/),
    );
  });

  it('what was denied is on the page of grants', () => {
    expect(poor.grants().read?.denied).toEqual([
      {
        action: 'dynamodb:Query',
        resource: expect.stringMatching(/:table\/.*Aggregates/),
        times: expect.any(Number),
      },
    ]);
  });
});

it('a mapping that may not look at its stream ends the start, as Lambda would refuse to make it', async () => {
  const assembly = editedAssembly((statements) =>
    statements.filter(({ Action }) => ![Action].flat().includes('kinesis:DescribeStreamSummary')),
  );

  const start = startWeir({ assembly, memory: true, folder: join(folder, 'blind'), report: () => undefined });

  await expect(start).rejects.toThrow(
    /AccessDeniedException: User: .* perform: kinesis:DescribeStreamSummary/,
  );
});

it('a role that holds what the twin cannot read ends the start, with its place', async () => {
  const assembly = editedAssembly((statements) =>
    statements.map((statement) => ({
      ...statement,
      Condition: { NumericLessThan: { 's3:max-keys': '10' } },
    })),
  );

  const start = startWeir({
    assembly,
    memory: true,
    folder: join(folder, 'unread'),
    report: () => undefined,
  });

  await expect(start).rejects.toThrow(
    /^the permissions: \w+, statement 1: the condition NumericLessThan of s3:max-keys is not modelled\. Write the policy without it, or model it in src\//,
  );
});
