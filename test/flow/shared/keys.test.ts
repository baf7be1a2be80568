// The life of API keys, as clients and operators meet it: rotated and revoked under load, expired, and suspended with
// their account.

import { expect } from 'vitest';
import { changeStatus } from '../../../cli/account/status.ts';
import { createKey } from '../../../cli/key/create.ts';
import { RecentlyUsed, revokeKey } from '../../../cli/key/revoke.ts';
import { rotateKey } from '../../../cli/key/rotate.ts';
import type { Operator } from '../../../cli/operator.ts';
import { longestPrincipalAgeMs } from '../../../domain/accounts/accounts.ts';
import { parseSecret } from '../../../domain/accounts/secrets.ts';
import { dayMs, minuteMs } from '../../../domain/system/time.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
let operator: Operator;
it.beforeAll(async ({ weir }) => {
  twin = weir.twin;
  operator = { ...(await operatorOf(twin)), clock: twin.clock };
});

const userAgent = 'analytics-node/3.1.0 (linux)';
const send = async (apiKey: string) =>
  (await createApi(twin.url, apiKey).post('/v1/events', [{ type: 'tick' }], { 'user-agent': userAgent }))
    .status;

/** Requests one after another on each of some connections, with the key that is in use at the time. */
function startLoad(first: string, connections = 4) {
  let apiKey = first;
  let isOver = false;
  let pause = Promise.resolve();
  let underWay = 0;
  const statuses: number[] = [];
  const lanes = Array.from({ length: connections }, async () => {
    for (;;) {
      await pause;
      if (isOver) return;
      underWay += 1;
      statuses.push(await send(apiKey));
      underWay -= 1;
    }
  });
  return {
    /** Until every request that was under way is answered, and some after them. */
    goOn: () => {
      const enough = statuses.length + 5 * connections;
      return eventually(
        async () => statuses.length,
        (count) => count >= enough,
      );
    },
    /** Between two requests: one that is under way would have taken as long. */
    moveTimeBy: async (durationMs: number) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      pause = promise;
      await eventually(
        async () => underWay,
        (count) => count === 0,
      );
      twin.clock.moveBy(durationMs);
      resolve();
    },
    use: (other: string) => {
      apiKey = other;
    },
    end: async () => {
      isOver = true;
      await Promise.all(lanes);
      return statuses;
    },
  };
}

it('a key is rotated and revoked under load, and no request is lost', async () => {
  const { api_key: old } = await createAccountOn(twin, 'rotating', 'custom');
  const oldId = parseSecret(old)?.keyId ?? '';
  const load = startLoad(old);
  await load.goOn();

  const made = await rotateKey(operator, 'rotating', oldId, dayMs);
  await load.moveTimeBy(longestPrincipalAgeMs);
  await load.goOn();
  load.use(made.api_key);
  await load.goOn();
  await revokeKey(operator, 'rotating', oldId, true);
  await load.moveTimeBy(longestPrincipalAgeMs);
  await load.goOn();
  const statuses = await load.end();

  expect(statuses).toEqual(statuses.map(() => 202));
  expect(await send(old)).toBe(401);
}, 60_000);

it('the last use of a key is told, to the minute and with the client, and keeps it from being revoked', async () => {
  const { api_key } = await createAccountOn(twin, 'used', 'custom');
  const keyId = parseSecret(api_key)?.keyId ?? '';
  const lastUse = async () => (await operator.accounts.findPrincipal('used', keyId))?.lastUse;
  expect(await lastUse()).toBeUndefined();

  // On a slow machine the write may take too long, and is left to the next read.
  const use = async () => {
    const status = await send(api_key);
    twin.clock.moveBy(longestPrincipalAgeMs);
    return { status, lastUse: await lastUse() };
  };
  const used = await eventually(use, ({ lastUse: written }) => written !== undefined);

  expect(used).toMatchObject({ status: 202, lastUse: { client: userAgent } });
  expect((used.lastUse?.minuteMs ?? 0) % minuteMs).toBe(0);
  expect(twin.clock.now() - (used.lastUse?.minuteMs ?? 0)).toBeLessThan(5 * minuteMs);
  await expect(revokeKey(operator, 'used', keyId, false)).rejects.toThrow(RecentlyUsed);
  expect(await send(api_key)).toBe(202);
});

it('a key is accepted until it expires, and not longer', async () => {
  await createAccountOn(twin, 'expiring', 'custom');
  const { api_key } = await createKey(operator, {
    account_id: 'expiring',
    environment: 'production',
    scopes: ['ingest'],
    expiresInMs: 2 * minuteMs,
  });

  expect(await send(api_key)).toBe(202);
  twin.clock.moveBy(1.5 * minuteMs);
  // From here on its principal would be known for 30 s.
  expect(await send(api_key)).toBe(202);
  twin.clock.moveBy(0.5 * minuteMs);
  expect(await send(api_key)).toBe(401);
});

it('a suspended account is refused within 30 s, until it is resumed', async () => {
  const { api_key } = await createAccountOn(twin, 'suspended', 'custom');
  const post = () => createApi(twin.url, api_key).post('/v1/events', [{ type: 'tick' }]);
  expect((await post()).status).toBe(202);

  await changeStatus(operator, 'suspended', 'suspended');
  twin.clock.moveBy(longestPrincipalAgeMs);
  const refused = await post();
  await changeStatus(operator, 'suspended', 'active');
  twin.clock.moveBy(longestPrincipalAgeMs);

  expect(refused.status).toBe(403);
  expect(refused.json).toMatchObject({ code: 'account_suspended' });
  expect((await post()).status).toBe(202);
});
