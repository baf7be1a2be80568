// No secret is in a log. The shared twin looks through all of its logs when it ends; here is shown that it would find one,
// and that what fails logs none either.

import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { addSigningSecret } from '../../../cli/account/signing-secrets.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { logsIn, secretsIn } from '../../support/logs.ts';
import { it } from '../../support/shared-weir.ts';

it.afterEach(({ weir }) => weir.twin.faults.clear());

it('requests that are refused, fail or end a function leave no secret in a log', async ({ weir }) => {
  const { twin, folder } = weir;
  const { api_key } = await createAccountOn(twin, 'secretive', 'custom');
  const { signing_secret } = await addSigningSecret(await operatorOf(twin), 'secretive', true);
  const api = createApi(twin.url, api_key);
  const event = [{ type: 'tick' }];
  const places: readonly Record<string, string>[] = [
    { 'x-weir-signature': signing_secret, 'x-weir-timestamp': String(twin.clock.now()) },
    { authorization: `Bearer ${api_key}`, cookie: `key=${api_key}`, 'user-agent': 'curl/8' },
    { 'idempotency-key': api_key, prefer: api_key, traceparent: api_key },
  ];
  for (const headers of places) await api.post(`/v1/events?key=${api_key}`, event, headers);
  await api.get(`/v1/batches/${api_key}`);
  await api.get(`/v1/${api_key}`);
  await createApi(twin.url, `${api_key.slice(0, -1)}?`).post('/v1/events', event);
  for (const kind of ['error', 'throttle'] as const) {
    twin.faults.inject({ on: { caller: 'authorize' }, do: { kind } });
    const { api_key: other } = await createAccountOn(twin, `secretive-${kind}`, 'custom');
    expect((await createApi(twin.url, other).post('/v1/events', event)).status).toBe(503);
    twin.faults.clear();
  }
  twin.faults.inject({ on: { caller: 'authorize' }, do: { kind: 'kill', moment: 'before' } });
  const { api_key: last } = await createAccountOn(twin, 'secretive-kill', 'custom');
  await createApi(twin.url, last).post('/v1/events', event);
  twin.faults.clear();
  // By then, authorize reads the table again for everybody.
  twin.clock.moveBy(10_000);
  const logged = await eventually(
    async () => logsIn(folder).map((file) => readFileSync(file, 'utf8')),
    (texts) =>
      texts.some(
        (text) =>
          text.includes('secretive-error') ||
          text.includes('AccountsUnavailable') ||
          text.includes('TableUnavailable'),
      ),
  );

  expect(logged.length).toBeGreaterThan(1);
  expect(secretsIn(folder)).toEqual([]);
});

it.for([
  ['an API key', (key: string) => key],
  ['a prefix past the id of a key', (key: string) => key.slice(0, -37)],
  ['the random part of a key', (key: string) => `abc ${key.slice(-38, -20)}`],
  ['a key in base64', (key: string) => Buffer.from(`a${key}`).toString('base64')],
  ['a signing secret', () => 'weirsig_0123456789ab_0'],
  ['a JWT', () => 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln'],
] as const)('%s in a log is found, and not shown again', async ([, write], { weir }) => {
  const { api_key } = await createAccountOn(
    weir.twin,
    `logged-${Math.random().toString(36).slice(2)}`,
    'custom',
  );
  const folder = mkdtempSync(join(tmpdir(), 'weir-logged-'));
  appendFileSync(join(folder, 'clean.log'), `${api_key.slice(0, -39)} used\n`);
  expect(secretsIn(folder)).toEqual([]);
  appendFileSync(join(folder, 'read.log'), `first\n{"message":"${write(api_key)}"}\n`);

  const found = secretsIn(folder).join('\n');
  expect(found).toMatch(/read\.log:2 has /);
  expect(found).not.toContain(write(api_key));
  rmSync(folder, { recursive: true });
});
