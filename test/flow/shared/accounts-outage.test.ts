// The accounts table throttles, fails or hangs: callers that authorize knows are served for 10 minutes, and nobody else is
// let in.

import { afterEach, expect } from 'vitest';
import { revokeKey } from '../../../cli/key/revoke.ts';
import { addMember } from '../../../cli/member/add.ts';
import {
  longestPrincipalAgeMs,
  longestPrincipalAgeWithoutTableMs,
} from '../../../domain/accounts/accounts.ts';
import { parseSecret } from '../../../domain/accounts/secrets.ts';
import { minuteMs } from '../../../domain/system/time.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { hurried } from '../../support/hurried.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  twin = weir.twin;
});
afterEach(() => {
  twin.faults.clear();
  // By then, authorize reads the table again for everybody.
  twin.clock.moveBy(10_000);
});

const send = (apiKey: string) => createApi(twin.url, apiKey).post('/v1/events', [{ type: 'tick' }]);

const readsOfAuthorize = { caller: 'authorize', service: 'dynamodb', operation: 'BatchGetItem' } as const;

/** To each instance of authorize: while one waits for its read, the next request goes to another one. */
async function makeKnown(request: () => Promise<{ readonly status: number }>): Promise<void> {
  const slow = twin.faults.inject({ on: readsOfAuthorize, do: { kind: 'latency', ms: 400 } });
  const requests = Array.from({ length: 2 * hurried.environmentsPerFunction }, request);
  const answers = await Promise.all(requests);
  slow.remove();
  for (const { status } of answers) expect(status).toBeLessThan(300);
}

it.each([
  ['throttles', { kind: 'throttle' }],
  ['fails', { kind: 'error' }],
  ['does not answer', { kind: 'latency', ms: 4000 }],
] as const)(
  'a table that %s',
  async (name, fault) => {
    const account = `table-${name.replaceAll(' ', '-')}`;
    const { api_key: known } = await createAccountOn(twin, account, 'custom');
    const { api_key: other } = await createAccountOn(twin, `${account}-other`, 'custom');
    await makeKnown(() => send(known));
    const outage = twin.faults.inject({ on: readsOfAuthorize, do: fault });
    twin.clock.moveBy(longestPrincipalAgeMs);

    const startedMs = twin.clock.now();
    for (let request = 0; request < 20; request += 1) expect((await send(known)).status).toBe(202);
    const tries = outage.met();
    const refused = await send(other);
    expect(tries).toBeGreaterThan(0);
    // A try a second and instance, of two attempts: on a busy machine the requests take some seconds.
    const seconds = (twin.clock.now() - startedMs) / 1000;
    expect(tries).toBeLessThanOrEqual(2 * hurried.environmentsPerFunction * (1 + seconds));
    expect(refused).toMatchObject({ status: 503, json: { code: 'unavailable' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect((await send('nonsense')).status).toBe(401);

    twin.clock.moveBy(longestPrincipalAgeWithoutTableMs - 2 * minuteMs);
    expect((await send(known)).status).toBe(202);
    const operator = { ...(await operatorOf(twin)), clock: twin.clock };
    await revokeKey(operator, account, parseSecret(known)?.keyId ?? '', true);
    twin.clock.moveBy(2 * minuteMs);
    expect((await send(known)).status).toBe(503);

    outage.remove();
    await eventually(
      async () => {
        twin.clock.moveBy(1000);
        return Promise.all([send(known), send(other)]);
      },
      ([ofKnown, ofOther]) => ofKnown.status === 401 && ofOther.status === 202,
    );
  },
  120_000,
);

it('a table that hangs: a member is served, and no account that he names is waited for', async () => {
  await createAccountOn(twin, 'hangs', 'custom');
  await addMember({ ...(await operatorOf(twin)), clock: twin.clock }, 'hangs', 'known@people.test', 'owner');
  const authorization = `Bearer ${await twin.issuer.token('known@people.test', {})}`;
  const ask = (headers = {}) => createApi(twin.url).get('/v1/quarantine', { authorization, ...headers });
  await makeKnown(ask);
  const hanging = (['Query', 'BatchGetItem'] as const).map((operation) =>
    twin.faults.inject({ on: { ...readsOfAuthorize, operation }, do: { kind: 'latency', ms: 6000 } }),
  );
  twin.clock.moveBy(longestPrincipalAgeMs);

  for (let request = 0; request < 20; request += 1) {
    expect((await ask()).status).toBe(200);
    expect((await ask({ 'x-weir-account': `made-up-${request}` })).status).toBe(503);
  }
  // If each of the made-up accounts was waited for, those alone would be 40 attempts.
  expect(hanging.reduce((sum, fault) => sum + fault.met(), 0)).toBeLessThan(40);
}, 120_000);
