// Who read the data of an account, as the operator finds it in the access log: the real program on the twin.

import { expect } from 'vitest';
import { runCli } from '../../../cli/run.ts';
import { parseSecret } from '../../../domain/accounts/secrets.ts';
import { minuteMs } from '../../../domain/system/time.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

it('weir audit --reads tells each read of an account, also one that was refused, and none of others', async ({
  weir: { twin },
}) => {
  const { api_key } = await createAccountOn(twin, 'looked-at', 'custom');
  const { api_key: other } = await createAccountOn(twin, 'looked-away', 'custom');
  const api = createApi(twin.url, api_key);
  const key = `key ${parseSecret(api_key)?.keyId}`;
  // On a loaded machine, authorize may not have read the new key in time.
  await eventually(
    () => api.get('/v1/quarantine'),
    ({ status }) => status === 200,
  );
  await api.get('/v1/accounts/looked-at/summary');
  await api.get('/v1/accounts/looked-away/summary');
  await api.get('/v1/batches/nothing');
  await api.post('/v1/events', [{ type: 'tick' }]);
  await createApi(twin.url, other).get('/v1/accounts/looked-at/summary');
  const fromMs = twin.clock.now() - 10 * minuteMs;
  const audit = async () => {
    let out = '';
    const streams = { out: (text: string) => (out += text), err: () => {} };
    const argv = ['audit', '--reads', '--account', 'looked-at', '--json', '--endpoint', twin.proxyUrl];
    // The twin's clock may be ahead of this process's.
    const range = [
      '--from',
      new Date(fromMs).toISOString(),
      '--to',
      new Date(fromMs + 20 * minuteMs).toISOString(),
    ];
    const code = await runCli([...argv, ...range], streams);
    return { code, reads: out === '' ? [] : JSON.parse(out).reads };
  };

  const { code, reads } = await eventually(audit, (seen) => seen.reads.length >= 4);

  expect(code).toBe(0);
  expect(
    reads.map((read: Record<string, unknown>) => [read.who, read.route, read.status, read.from]),
  ).toEqual([
    [key, '/v1/quarantine', 200, '127.0.0.1'],
    [key, '/v1/accounts/{account_id}/summary', 200, '127.0.0.1'],
    [key, '/v1/accounts/{account_id}/summary', 403, '127.0.0.1'],
    [key, '/v1/batches/{batch_id}', 404, '127.0.0.1'],
  ]);
  expect(JSON.stringify(reads)).not.toContain('looked-away');
}, 60_000);
