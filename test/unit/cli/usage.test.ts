import { expect, it } from 'vitest';
import { startOperator } from './operator-fixture.ts';

const tenant = { account: 'acme', environment: 'production', generation: 0 };

async function start() {
  const fixture = startOperator();
  await fixture.weir('account', 'create', '--account', 'acme');
  await fixture.weir('key', 'create', '--account', 'acme', '--environment', 'staging');
  const { operator, clock } = fixture;
  await operator.eventUse.count(tenant, { events: 1_234_567, over: 89 }, clock.nowMs);
  return fixture;
}

it('usage shows all environments of an account, on 80 columns', async () => {
  const { weir } = await start();
  const { code, out } = await weir('usage', '--account', 'acme');

  expect(code).toBe(0);
  expect(out).toContain('acme, production: standard, at most 50 requests a second');
  expect(out).toContain('acme, staging: standard');
  expect(out).toMatch(/events a day +5,000,000 +1,234,567 +24\.7% +[\d,]+ +89 +observe/);
  expect(out).toMatch(/events a minute +60,000 +60,000 +enforce/);
  expect(out).toContain('They reset at 2026-11-22 00:00 and 2026-12-01 00:00 UTC.');
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

it('usage of one environment prints what GET /v1/usage answers, with the modes of the account', async () => {
  const { weir } = await start();
  await weir('account', 'set', '--account', 'acme', '--quotas', 'hard', '--events-per-day', '2000000');
  const { out } = await weir('usage', '--account', 'acme', '--environment', 'production', '--json');

  expect(JSON.parse(out).usage).toMatchObject([
    { account_id: 'acme', events_per_day: { limit: 2_000_000, used: 1_234_567, mode: 'hard', over: 89 } },
  ]);
});

it('usage has the limit of the hour where the stage has off-peak hours', async () => {
  const { weir, operator } = await start();
  Object.assign(operator, {
    output: () => JSON.stringify({ quotas: 'soft', offPeak: { hours: [0, 23], factor: 2 } }),
  });
  const { out } = await weir('usage', '--account', 'acme', '--environment', 'production');

  expect(out).toMatch(/events a minute +120,000 +120,000 +enforce/);
  expect(out).toMatch(/events a day .* soft/);
});

it.each([
  [['--account', 'nobody'], 'There is no account "nobody".'],
  [['--account', 'acme', '--environment', 'prod'], 'there are: production, staging'],
])('usage of %j exits with 1 and says what there is', async (argv, message) => {
  const { weir } = await start();

  expect(await weir('usage', ...argv)).toMatchObject({ code: 1, err: expect.stringContaining(message) });
});
