// What clients and an operator do with the deployed API: accounts, events, the same events again, and requests that must
// be refused. Each step returns a line for the transcript.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { CreatedAccount } from '../../cli/account/create.ts';
import { formatSecret } from '../../domain/accounts/secrets.ts';
import { type Answer, type Api, anyAnswer, createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { stage } from './stacks.ts';
import type { Target } from './target.ts';

const run = promisify(execFile);
const project = join(import.meta.dirname, '..', '..');
/** A deadline that allows for cold starts, and a stream that is read once a second. */
const patienceMs = 60_000;

export async function createAccount(target: Target, account: string): Promise<CreatedAccount> {
  const { stdout } = await run(
    process.execPath,
    [join(project, 'bin', 'weir.ts'), 'account', 'create', '--stage', stage, '--account', account, '--json'],
    { cwd: project, env: target.environment },
  ).catch((error: Error & { stderr?: string }) => {
    throw new Error(`weir account create: ${error.stderr || error.message}`);
  });
  return JSON.parse(stdout) as CreatedAccount;
}

export async function answersHealth(url: string): Promise<string> {
  const answer = await eventually(
    () => createApi(url, undefined, anyAnswer).get('/health'),
    ({ status }) => status === 200,
    patienceMs,
  );
  return JSON.stringify(answer.json);
}

export async function refusesStrangers(url: string): Promise<string> {
  const noKey = await createApi(url, undefined, anyAnswer).get('/v1/accounts/acme/summary?window=24h');
  expectProblem(noKey, 401, 'unauthorized');
  const unknown = { environment: 'production', account: 'acme', keyId: '0'.repeat(12) };
  const wrongKey = await createApi(url, formatSecret(unknown, new Uint8Array(16)), anyAnswer).post(
    '/v1/events',
    [{ type: 'order' }],
  );
  expectProblem(wrongKey, 401, 'unauthorized');
  return 'no key and a wrong key are 401';
}

export type Sent = { readonly total: number; readonly receipts: readonly string[] };

/** A small batch with an invalid event, and one as large as allowed. Of its ids half are claimed in a log. */
export const batches = [
  [
    { event_id: 'emulator-1', type: 'page.view', service: 'web' },
    { event_id: 'emulator-2', type: 'order', user_id: 'u-1', metadata: { amount: 12.5, tags: ['a', 'ü'] } },
    { event_id: 'emulator-3' },
  ],
  Array.from({ length: 500 }, (_, index) => ({
    event_id: index % 2 === 0 ? `large-${index}` : `a-large-batch-of-event~${index}`,
    type: 'load',
  })),
];

export async function send(api: Api): Promise<Sent> {
  const receipts: string[] = [];
  let total = 0;
  for (const batch of batches) {
    const { status, json } = await api.post('/v1/events', batch);
    assert.equal(status, 202, JSON.stringify(json));
    const wrong = batch.filter((event) => !('type' in event)).map(({ event_id }) => event_id);
    assert.deepEqual(
      json.rejected.map(({ event_id }: { event_id: string }) => event_id),
      wrong,
    );
    assert.equal(json.accepted, batch.length - wrong.length);
    total += json.accepted;
    receipts.push(json.receipt);
  }
  return { total, receipts };
}

/** Waits until every receipt is stored, and checks that the counts add up to what was accepted. */
export async function expectReceipts(
  api: Api,
  { receipts, total }: Sent,
  as: 'stored' | 'duplicates',
): Promise<string> {
  let found = 0;
  for (const receipt of receipts) {
    const { json } = await eventually(
      () => api.get(receipt),
      (answer) => answer.json?.status === 'stored',
      patienceMs,
    );
    found += json[as];
  }
  assert.equal(found, total, `${found} ${as} of ${total} accepted`);
  return `${receipts.length} batches, ${found} ${as}`;
}

export async function expectSummary(api: Api, account: string, expected: object): Promise<string> {
  const { json } = await eventually(
    () => api.get(`/v1/accounts/${account}/summary?window=24h`),
    (answer) => JSON.stringify(answer.json?.total) === JSON.stringify((expected as { total: number }).total),
    patienceMs,
  );
  const seen = Object.fromEntries(Object.keys(expected).map((name) => [name, json[name]]));
  assert.deepEqual(seen, expected);
  return JSON.stringify(seen);
}

/** The events have no ids, so that only the key identifies the batch. */
export async function sendsOnceUnderAKey(api: Api): Promise<string> {
  const headers = { 'idempotency-key': 'emulator-1' };
  const events = [{ type: 'keyed' }, { type: 'keyed' }];
  const first = await api.post('/v1/events', events, headers);
  assert.equal(first.status, 202, JSON.stringify(first.json));
  const second = await api.post('/v1/events', events, headers);
  assert.equal(second.headers.get('idempotency-replayed'), 'true');
  assert.deepEqual(second.json, first.json);
  expectProblem(await api.post('/v1/events', [{ type: 'other' }], headers), 422, 'idempotency_key_reused');
  await expectReceipts(api, { total: 2, receipts: [first.json.receipt] }, 'stored');
  return `one batch of 2, answered twice; another body is 422`;
}

export async function sendsCompressedLines(api: Api): Promise<string> {
  const lines = '{"type":"line"}\n{"type":"line"}\n{"type":"line"}\n';
  const headers = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' };
  const { status, json } = await api.post('/v1/events', gzipSync(lines), headers);
  assert.equal(status, 202, JSON.stringify(json));
  return expectReceipts(api, { total: 3, receipts: [json.receipt] }, 'stored');
}

export async function runsDry(api: Api): Promise<string> {
  const { status, json } = await api.post('/v1/events:debug', [{ event_id: 'dry', type: 'dry' }, {}]);
  assert.equal(status, 200, JSON.stringify(json));
  assert.equal(json.events[0].event_id, 'dry');
  return `would answer ${json.would_answer.status}: ${json.accepted} accepted, ${json.rejected.length} rejected`;
}

export async function refusesOthers(other: Api, { receipts: [receipt = ''] }: Sent): Promise<string> {
  const denied = await other.get('/v1/accounts/acme/summary?window=24h');
  // The code of a denial comes from the context of the authorizer, which MiniStack does not pass to gateway responses.
  expectProblem(denied, 403);
  assert.equal(JSON.stringify(denied.json).includes('total'), false);
  expectProblem(await other.get(receipt), 404, 'unknown_batch');
  return 'the summary is 403, the receipt 404';
}

function expectProblem({ status, headers, json }: Answer, expected: number, code?: string): void {
  assert.equal(status, expected, JSON.stringify(json));
  if (code !== undefined) assert.equal(json.code, code);
  assert.match(headers.get('content-type') ?? '', /application\/problem\+json/);
}
