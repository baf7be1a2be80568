// Settings that dev leaves out: the probe, the firewall of prod, whose rate is lowered, since nobody sends 63,000 requests a minute
// here, and off-peak hours.

import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatSecret } from '../../domain/accounts/secrets.ts';
import { dayMs, hourMs } from '../../domain/system/time.ts';
import { synthesize } from '../../local/synthesize.ts';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { eventually } from '../support/eventually.ts';
import { hurried } from '../support/hurried.ts';
import { countByStatus, sendLoad } from '../support/load.ts';
import { rememberSecret, removeTwinFolder } from '../support/logs.ts';

type Resource = { readonly Type: string; readonly Properties: Record<string, never> };

/** True of what it changes. */
function change({ Type, Properties }: Resource): boolean {
  // biome-ignore lint/suspicious/noExplicitAny: a template is JSON
  const { FunctionName, Environment, Rules, Description }: any = Properties;
  if (Type === 'AWS::WAFv2::WebACL') Rules[0].Statement.RateBasedStatement.Limit = mostRequests;
  else if (FunctionName === 'weir-prod-authorize')
    Environment.Variables.OFF_PEAK = JSON.stringify({ hours: [22, 6], factor: 2 });
  // It would run in the middle of what is counted here; a test below runs it.
  else if (Type === 'AWS::Events::Rule' && /the probe/.test(Description))
    Object.assign(Properties, { State: 'DISABLED' });
  else return false;
  return true;
}

const project = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'weir-firewall-'));
const mostRequests = 40;
let twin: RunningWeir;

beforeAll(async () => {
  const made = await synthesize({ project, stage: 'prod', folder: join(project, '.weir', 'assembly') });
  const assembly = join(folder, 'assembly');
  cpSync(made, assembly, { recursive: true });
  const file = join(assembly, 'weir-prod-stateless.template.json');
  const { Resources, ...template } = JSON.parse(readFileSync(file, 'utf8'));
  const changed = (Object.values(Resources) as Resource[]).filter(change);
  expect(changed).toHaveLength(3);
  writeFileSync(file, JSON.stringify({ ...template, Resources }));
  twin = await startWeir({
    ...hurried,
    folder,
    assembly,
    stage: 'prod',
    accountIds: ['acme'],
  });
  rememberSecret(api_key());
}, 240_000);
afterAll(async () => {
  await twin?.stop();
  removeTwinFolder(folder);
});

const flooder = '203.0.113.7';
const api_key = () => twin.accounts[0]?.api_key ?? '';

const send = (address: string, key: string, path = '/v1/events', body: unknown = [{ type: 'tick' }]) =>
  fetch(`${twin.url}${path}`, {
    method: 'POST',
    headers: {
      'x-weir-client-address': address,
      'x-api-key': key,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });

const unknownKey = (index: number) =>
  formatSecret(
    { environment: 'production', account: 'acme', keyId: String(index).padStart(12, '0') },
    new Uint8Array(16),
  );

const invocationsOfAuthorize = () => twin.functions.activity().authorize?.invocations ?? 0;

it('the probe makes its account, sends an event through the door, and sees it stored', async () => {
  for (let run = 0; run < 2; run += 1) await twin.invoke('probe', {});

  const ofProbe = twin.metrics.series().filter(({ dimensions }) => dimensions.endpoint === 'probe');
  expect(ofProbe).toContainEqual(expect.objectContaining({ name: 'probeSucceeded', samples: 2, sum: 2 }));
  expect(ofProbe).toContainEqual(expect.objectContaining({ name: 'probeRoundTrip', samples: 2 }));
  expect(twin.grants().denied ?? []).toEqual([]);
});

it('a flood of bad keys from one address calls authorize as often as the rate allows, and others are served', async () => {
  const before = invocationsOfAuthorize();
  const requests = 5 * mostRequests;

  const answers = await sendLoad({
    url: twin.url,
    count: requests,
    concurrency: 4,
    next: (index) => ({
      method: 'POST',
      path: '/v1/events',
      headers: { 'x-weir-client-address': flooder, 'x-api-key': unknownKey(index) },
    }),
  });
  const called = invocationsOfAuthorize() - before;
  const other = await send('198.51.100.1', api_key());

  expect(countByStatus(answers)).toEqual({ 401: mostRequests, 429: requests - mostRequests });
  expect(called).toBe(mostRequests);
  expect(other.status).toBe(202);
  // Whoever has a good key at the same address waits with the flood.
  expect((await send(flooder, api_key())).status).toBe(429);
});

it('whom it limits is told so, and is served again after a minute without requests', async () => {
  const blocked = await send(flooder, api_key());

  expect(blocked.headers.get('retry-after')).toBe('60');
  // WAF has no other for it.
  expect(blocked.headers.get('content-type')).toBe('application/json');
  expect(await blocked.json()).toMatchObject({ status: 429, code: 'rate_limited', retry_after: 60 });
  twin.clock.moveBy(62_000);
  expect((await send(flooder, api_key())).status).toBe(202);
});

it('a blocked request is in the access log, with its address', async () => {
  const blocked = () =>
    readFileSync(join(folder, 'logs', 'access.log'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, string>>)
      .filter(({ responseType }) => responseType === 'WAF_FILTERED');

  await eventually(
    async () => blocked().length,
    (count) => count > 0,
  );

  expect(blocked()[0]).toMatchObject({ ip: flooder, status: '429', accountId: '-' });
});

it('a batch of more than 8 KB is taken, also of a client that does not name itself', async () => {
  const metadata = { page: '<script src="https://198.51.100.9/a.js"></script>'.repeat(20) };
  const batch = JSON.stringify(Array.from({ length: 20 }, () => ({ type: 'view', metadata })));
  expect(batch.length).toBeGreaterThan(16 * 1024);

  const status = await new Promise((resolve, reject) => {
    const headers = {
      'x-api-key': api_key(),
      'content-type': 'application/json',
      'content-length': batch.length,
    };
    request(`${twin.url}/v1/events`, { method: 'POST', headers }, (answer) =>
      resolve(answer.resume().statusCode),
    )
      .on('error', reject)
      .end(batch);
  });

  expect(status).toBe(202);
});

it('a body of more than 8 KB to any other route is refused before the authorizer', async () => {
  const before = invocationsOfAuthorize();

  const answer = await send('198.51.100.2', api_key(), '/v1/keys', { label: 'x'.repeat(8 * 1024) });

  expect(answer.status).toBe(403);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({ code: 'forbidden', request_id: expect.any(String) });
  expect(invocationsOfAuthorize()).toBe(before);
});

it('a path of ingest may end with a slash, and no id of another route makes one', async () => {
  const before = invocationsOfAuthorize();
  const disguised = await fetch(`${twin.url}/v1/keys/x%2Fv1%2Fevents`, {
    method: 'DELETE',
    headers: { 'x-weir-client-address': '198.51.100.4', 'x-api-key': api_key() },
    body: 'x'.repeat(9 * 1024),
  });
  expect(disguised.status).toBe(403);
  expect(await disguised.json()).toMatchObject({ code: 'forbidden' });
  expect(invocationsOfAuthorize()).toBe(before);

  // Ingest refuses it for want of a type, so that no record is under way when the clock moves on.
  const batch = [{ metadata: { page: 'x'.repeat(9 * 1024) } }];
  for (const path of ['/v1/events/', '/v1/events:debug', '/v1/events%3Adebug'])
    expect((await send('198.51.100.4', api_key(), path, batch)).status, path).toBe(
      path.includes('debug') ? 200 : 422,
    );
});

it('in off-peak hours an account may send more, and every answer says so', async () => {
  const policyAt = async (hour: number) => {
    twin.clock.moveBy((hour * hourMs - (twin.clock.now() % dayMs) + dayMs) % dayMs);
    // It stores nothing, so that no record is under way when the clock moves on.
    const { status, headers } = await send('198.51.100.3', api_key(), '/v1/events:debug');
    return [status, headers.get('ratelimit-policy'), headers.get('x-ratelimit-limit')];
  };

  expect(await policyAt(12)).toEqual([200, '"events";q=60000;w=60', '60000']);
  expect(await policyAt(22)).toEqual([200, '"events";q=120000;w=60', '120000']);
  expect(await policyAt(6)).toEqual([200, '"events";q=60000;w=60', '60000']);
});
