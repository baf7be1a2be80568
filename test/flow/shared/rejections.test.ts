// What clients were refused, as an account sees it: every rejection of every answer is counted once, whatever crashes.

import { afterEach, expect } from 'vitest';
import { setAccount } from '../../../cli/account/set.ts';
import { createKey } from '../../../cli/key/create.ts';
import { parseSecret } from '../../../domain/accounts/secrets.ts';
import { minuteMs } from '../../../domain/system/time.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { type Answer, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  twin = weir.twin;
});
afterEach(() => twin.faults.clear());

const key = (environment: string) =>
  ({ account_id: 'rejected', environment, scopes: ['ingest', 'read'] }) as const;

type Rejected = { readonly code: string; readonly field?: string };
/** By what was answered: the truth. */
class Told {
  readonly #counts = new Map<string, number>();
  add(client: string, { json }: Answer, own: readonly Rejected[] = []) {
    for (const { code, field = '' } of [...(json.rejected ?? []), ...own]) {
      const name = `${code} ${field} ${client}`;
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    }
  }
  get counts() {
    return Object.fromEntries([...this.#counts].toSorted());
  }
}
type Listed = Rejected & { readonly client: string; readonly count: number };
const countsIn = ({ json }: Answer) =>
  Object.fromEntries(
    (json.rejections as Listed[])
      .map(({ code, field = '', client, count }) => [`${code} ${field} ${client}`, count] as const)
      .toSorted(),
  );

it('counts every rejection of every answer once, though consume dies after it counted', async () => {
  const { api_key } = await createAccountOn(twin, 'rejected', 'custom');
  const { api_key: another } = await createKey(await operatorOf(twin), key('production'));
  const api = createApi(twin.url, api_key);
  const told = new Told();
  const post = async (body: unknown, client: string, key = api_key, headers: Record<string, string> = {}) => {
    const answer = await createApi(twin.url, key).post('/v1/events', body, {
      'user-agent': `${client} (a test)`,
      ...headers,
    });
    const isUnreadable = answer.status >= 400 && answer.json.rejected === undefined;
    told.add(client, answer, isUnreadable ? [{ code: answer.json.code }] : []);
    return answer;
  };
  const died = twin.faults.inject({
    on: { caller: 'consume', operation: 'TransactWriteItems', text: 'rejected#production#0#rejections' },
    do: { kind: 'kill', moment: 'after' },
    when: { times: 1 },
  });

  for (let round = 0; round < 4; round += 1) {
    expect((await post([{ type: 'ok' }, {}, { type: 'ok', tpye: 1 }], 'sdk/1.0')).status).toBe(202);
    expect((await post([{ event_id: `card 4111 1111 1111 1111 ${round}` }], 'sdk/1.1')).status).toBe(422);
    expect((await post([{ type: 'ok' }, 7], 'sdk/1.1', another, { prefer: 'handling=strict' })).status).toBe(
      422,
    );
    expect((await post('{"type":', 'curl/8')).status).toBe(400);
  }
  const keyed = { 'idempotency-key': 'once' };
  const first = await post([{ type: 'ok' }, { type: 7 }], 'sdk/1.0', api_key, keyed);
  const again = await createApi(twin.url, api_key).post('/v1/events', [{ type: 'ok' }, { type: 7 }], keyed);
  expect(again.json).toEqual(first.json);

  const answer = await eventually(
    async () => {
      if (twin.functions.activity().consume?.busy === 0) twin.clock.moveBy(1000);
      return api.get('/v1/rejections');
    },
    (seen) => seen.json.total === Object.values(told.counts).reduce((sum, count) => sum + count, 0),
    60_000,
  );
  expect(countsIn(answer)).toEqual(told.counts);
  expect(died.met()).toBe(1);
  const keys = new Set(answer.json.rejections.map(({ key_id }: { key_id: string }) => key_id));
  expect(keys).toEqual(new Set([api_key, another].map((key) => parseSecret(key)?.keyId)));
  expect(answer.json.rejections[0].daily).toHaveLength(30);
  expect(JSON.stringify(answer.json)).not.toContain('4111');
  expect(answer.json.samples).toContainEqual({
    ...{ code: 'unknown_field', field: 'tpye', message: '"tpye" is not a field of an event.' },
    event: { type: 'ok', tpye: 1 },
    seen_at: expect.any(String),
  });

  const { json: ofKey } = await api.get(`/v1/rejections?key_id=${parseSecret(another)?.keyId}`);
  expect(ofKey).toMatchObject({
    total: 4,
    rejections: [{ code: 'not_an_object', client: 'sdk/1.1', count: 4 }],
  });
  // Read again, the stream changes nothing.
  twin.clock.moveBy(minuteMs);
  expect(countsIn(await api.get('/v1/rejections'))).toEqual(told.counts);

  const { api_key: staged } = await createKey(await operatorOf(twin), key('staging'));
  const { api_key: other } = await createAccountOn(twin, 'never-rejected', 'custom');
  for (const key of [staged, other]) {
    const { json } = await createApi(twin.url, key).get('/v1/rejections');
    expect(json).toMatchObject({ total: 0, rejections: [], samples: [] });
  }
}, 120_000);

it('keeps rejected events for an account that wants that, to be corrected and sent again', async () => {
  const { api_key } = await createAccountOn(twin, 'keeps-rejected', 'custom');
  await setAccount(await operatorOf(twin), 'keeps-rejected', { limits: { keepRejectedDays: 7 } });
  const api = createApi(twin.url, api_key);
  const events = ['a', 'b', 'c'].map((event_id) => ({ event_id, type: 'order', totl: 7, user_id: 'ada' }));
  for (const event of events) expect((await api.post('/v1/events', [event])).status).toBe(422);

  await eventually(
    () => api.get('/v1/rejections/events'),
    ({ json: { requests } }) => requests.length === events.length,
  );
  const { json: kept } = await api.get('/v1/rejections/events?limit=2');
  const { json: rest } = await api.get(`/v1/rejections/events?limit=2&cursor=${kept.next_cursor}`);

  expect(rest).not.toHaveProperty('next_cursor');
  const requests = [...kept.requests, ...rest.requests];
  type Kept = { readonly event: (typeof events)[number] };
  const listed = requests.flatMap((request: { events: readonly Kept[] }) => request.events);
  expect(listed.map(({ event }) => event)).toEqual(events.toReversed());
  const corrected = listed.map(({ event: { totl, ...event } }) => ({ ...event, value: totl }));
  const { json } = await api.post('/v1/events', corrected);
  expect(json).toMatchObject({ accepted: 3, rejected: [] });

  const { api_key: other } = await createAccountOn(twin, 'keeps-nothing', 'custom');
  const { json: foreign } = await createApi(twin.url, other).get(
    `/v1/rejections/events?cursor=${kept.next_cursor}`,
  );
  expect(foreign).toEqual({ account_id: 'keeps-nothing', environment: 'production', requests: [] });
}, 60_000);
