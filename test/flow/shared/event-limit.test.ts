// The limit of events, as clients of the API meet it: on all instances of ingest together, and with the headers that tell how
// an account stands.

import { afterEach, expect } from 'vitest';
import { setAccount } from '../../../cli/account/set.ts';
import type { Operator } from '../../../cli/operator.ts';
import { longestPrincipalAgeMs } from '../../../domain/accounts/accounts.ts';
import { circuitRules } from '../../../domain/limits/circuit.ts';
import { metricNames } from '../../../domain/service-levels/metrics.ts';
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
afterEach(() => twin.faults.clear());

/** Each batch weighs 6. */
const batch = () => Array.from({ length: 5 }, () => ({ event_id: crypto.randomUUID(), type: 'tick' }));
const weight = 6;

async function limited(account: string, eventsPerMinute: number) {
  const { api_key } = await createAccountOn(twin, account, 'custom');
  await setAccount(operator, account, { limits: { eventsPerMinute } });
  twin.clock.moveBy(longestPrincipalAgeMs);
  return createApi(twin.url, api_key);
}

it('an account sends the burst, is refused what is more on every instance, and is told when it may again', async () => {
  const api = await limited('limited', 60);

  const answers = await Promise.all(Array.from({ length: 40 }, () => api.post('/v1/events', batch())));

  const accepted = answers.filter(({ status }) => status === 202).length;
  const refused = answers.find(({ status }) => status === 429);
  // Three minutes' worth, and what comes back while they are sent.
  expect(accepted * weight).toBeGreaterThan(180 - weight);
  expect(accepted * weight).toBeLessThan(180 + 30);
  expect(refused?.json).toMatchObject({ code: 'rate_limited', 'violated-policies': ['events'] });
  expect(refused?.headers.get('ratelimit-policy')).toBe('"events";q=60;w=60');
  const seconds = Number(refused?.headers.get('retry-after'));
  expect(refused?.headers.get('ratelimit')).toMatch(new RegExp(`^"events";r=[0-5];t=${seconds}$`));
  twin.clock.moveBy(seconds * 1000);
  const again = await api.post('/v1/events', batch());
  expect(again.status).toBe(202);
  expect(again.headers.get('x-ratelimit-limit')).toBe('60');
}, 60_000);

it('a limit that cannot be looked at refuses nobody, and a metric says so', async () => {
  const api = await limited('unlimited-for-now', 60);
  twin.faults.inject({
    on: { caller: 'ingest', operation: 'UpdateItem', text: 'events#unlimited-for-now' },
    do: { kind: 'error' },
  });

  const answers = await Promise.all(Array.from({ length: 40 }, () => api.post('/v1/events', batch())));

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  await eventually(
    async () => twin.metrics.series().find(({ name }) => name === metricNames.limitsSkipped),
    Boolean,
  );
}, 60_000);

it('a hard quota refuses what is over it, usage tells, and the operator hears of it', async () => {
  const api = await limited('quoted', 60_000);
  await setAccount(operator, 'quoted', { limits: { eventsPerDay: 20 }, modes: { quotaMode: 'hard' } });
  twin.clock.moveBy(longestPrincipalAgeMs);

  const answers = await Promise.all(Array.from({ length: 12 }, () => api.post('/v1/events', batch())));
  const accepted = answers.filter(({ status }) => status === 202).length;
  const refused = answers.find(({ status }) => status === 429);
  // What instances have leased is over it, at most.
  expect(accepted).toBeGreaterThanOrEqual(4);
  expect(refused?.json).toMatchObject({ code: 'quota_exceeded', 'violated-policies': ['day'] });
  const usage = await eventually(
    async () => (await api.get('/v1/usage')).json as { events_per_day: Record<string, unknown> },
    ({ events_per_day }) => events_per_day.used === 5 * accepted,
  );
  expect(usage.events_per_day).toMatchObject({ limit: 20, left: 0, mode: 'hard' });
  const announced = async () => {
    const page = (await (await fetch(`${twin.url}/_weir/events`)).json()) as {
      events: { event: { 'detail-type': string; detail: Record<string, unknown> } }[];
    };
    return page.events
      .map(({ event }) => event)
      .filter(({ detail }) => detail.account_id === 'quoted')
      .filter((event) => event['detail-type'] === 'quota.reached')
      .map(({ detail }) => detail.share);
  };
  await eventually(announced, (shares) => shares.includes(100));
}, 60_000);

it('an account that sends garbage is refused before it is read, until it sends something valid', async () => {
  const { api_key } = await createAccountOn(twin, 'broken', 'custom');
  const api = createApi(twin.url, api_key);
  const codes = async () => {
    const answers = await Promise.all(
      Array.from({ length: circuitRules.leastRequests }, () => api.post('/v1/events', '{"type":')),
    );
    return answers.map(({ json }) => json.code);
  };

  await eventually(codes, (told) => told.includes('circuit_open'));

  const refused = await api.post('/v1/events', batch());
  // By another instance than the one that opened it, it may be accepted.
  if (refused.status !== 202) expect(refused).toMatchObject({ status: 429, json: { code: 'circuit_open' } });
  expect((await api.post('/v1/events:debug', '{"type":')).json.code).toBe('invalid_json');
  twin.clock.moveBy(Math.max(circuitRules.firstOpenMs, minuteMs));
  expect((await api.post('/v1/events', batch())).status).toBe(202);
}, 60_000);
