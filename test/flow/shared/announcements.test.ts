// What happens to accounts and keys, as it is announced on the event bus of the stage.

import { expect } from 'vitest';
import { changeStatus } from '../../../cli/account/status.ts';
import { createKey } from '../../../cli/key/create.ts';
import { revokeKey } from '../../../cli/key/revoke.ts';
import type { Operator } from '../../../cli/operator.ts';
import { longestPrincipalAgeMs } from '../../../domain/accounts/accounts.ts';
import { announcementSchemas } from '../../../domain/accounts/announcement-schemas.ts';
import type { AnnouncementType } from '../../../domain/accounts/announcements.ts';
import { unauthorizedPerMinute } from '../../../domain/accounts/notices.ts';
import { parseSecret } from '../../../domain/accounts/secrets.ts';
import { minuteMs } from '../../../domain/system/time.ts';
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

type Seen = {
  readonly bus: string;
  readonly event: {
    readonly source: string;
    readonly 'detail-type': AnnouncementType;
    readonly detail: Readonly<Record<string, unknown>>;
  };
};

/** The newest first, as the page shows them. */
async function announced(): Promise<readonly Seen['event'][]> {
  const answer = await fetch(`${twin.url}/_weir/events`);
  const { events } = (await answer.json()) as { readonly events: readonly Seen[] };
  return events.filter(({ bus }) => bus === 'weir-dev').map(({ event }) => event);
}
const announcedOf = (account: string, ...types: readonly AnnouncementType[]) =>
  eventually(
    async () =>
      (await announced())
        .filter(({ detail }) => detail.account_id === account)
        .map(({ 'detail-type': type, detail }) => ({ type, detail }))
        .toReversed(),
    (all) => types.every((type) => all.some((each) => each.type === type)),
  );
const send = async (apiKey: string) =>
  (await createApi(twin.url, apiKey).post('/v1/events', [{ type: 'tick' }], { 'user-agent': 'thief/1.0' }))
    .status;

it('what the audit log has is announced, with the ids of its entries, by the schemas of the docs', async () => {
  await createAccountOn(twin, 'announced', 'custom');
  await changeStatus(operator, 'announced', 'suspended');
  await changeStatus(operator, 'announced', 'active');

  const all = await announcedOf('announced', 'account.resumed', 'key.created');

  const entries = await operator.auditLog.list('announced', { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
  const told = new Map(all.map(({ type, detail }) => [detail.id, type]));
  expect(told).toEqual(new Map(entries.map(({ id, what }) => [id, what])));
  expect(all.find(({ type }) => type === 'account.suspended')?.detail).toEqual({
    id: entries.find(({ what }) => what === 'account.suspended')?.id,
    at: expect.stringMatching(/Z$/),
    stage: 'dev',
    account_id: 'announced',
    who: operator.actor.who,
    before: { status: 'active' },
    after: { status: 'suspended', reads: 'allowed' },
  });
  for (const { type, detail } of all) announcementSchemas[type].parse(detail);
});

it('a revoked key that is used is announced, and its secret is not', async () => {
  await createAccountOn(twin, 'leaked', 'custom');
  const { api_key } = await createKey(operator, {
    account_id: 'leaked',
    environment: 'production',
    scopes: ['ingest'],
  });
  const keyId = parseSecret(api_key)?.keyId ?? '';
  await revokeKey(operator, 'leaked', keyId, true);

  // On a slow machine the write may take too long, and is left to the next minute.
  const use = async () => {
    const status = await send(api_key);
    twin.clock.moveBy(minuteMs);
    const found = (await announced()).find(
      ({ 'detail-type': type, detail }) => type === 'key.used_after_revocation' && detail.key_id === keyId,
    );
    return { status, found };
  };
  const { status, found } = await eventually(use, (used) => used.found !== undefined);

  expect(status).toBe(401);
  expect(found?.detail).toEqual({
    id: expect.stringContaining(keyId),
    at: expect.stringMatching(/:00\.000Z$/),
    stage: 'dev',
    account_id: 'leaked',
    key_id: keyId,
    client: 'thief/1.0',
  });
  announcementSchemas['key.used_after_revocation'].parse(found?.detail);
  expect(JSON.stringify(await announced())).not.toContain(api_key.slice(-30));
});

it('a flood of requests with a wrong key is announced', async () => {
  const flood = async () => {
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let request = 0; request < unauthorizedPerMinute; request += 1) await send('wrong');
      }),
    );
    twin.clock.moveBy(longestPrincipalAgeMs);
    return (await announced()).find(({ 'detail-type': type }) => type === 'requests.unauthorized');
  };
  const found = await eventually(flood, (each) => each !== undefined);

  expect(found?.detail).toMatchObject({ count: unauthorizedPerMinute, stage: 'dev' });
}, 60_000);

it('what is announced while the bus is away comes once it is back', async () => {
  await createAccountOn(twin, 'patient', 'custom');
  await announcedOf('patient', 'key.created');
  twin.faults.inject({ name: 'bus', on: { service: 'events' }, do: { kind: 'error' } });
  await changeStatus(operator, 'patient', 'suspended');
  await eventually(
    async () => twin.faults.list(),
    (rules) => rules.some(({ met }) => met > 0),
  );
  const meanwhile = await announcedOf('patient');
  twin.faults.clear();
  expect(meanwhile.map(({ type }) => type)).not.toContain('account.suspended');

  expect((await announcedOf('patient', 'account.suspended')).map(({ type }) => type)).toContain(
    'account.suspended',
  );
}, 60_000);
