import { beforeEach, expect, it } from 'vitest';
import { hourMs } from '../../../domain/system/time.ts';
import { startOperator } from './operator-fixture.ts';

let { weir, reads, clock } = startOperator();
beforeEach(async () => {
  ({ weir, reads, clock } = startOperator());
  await weir('account', 'create', '--account', 'acme');
});
const readAt = (atMs: number, requestId: string) => ({
  ...{ atMs, requestId, who: 'key 49a1c7d03be2', route: '/v1/quarantine', status: 200, from: '192.0.2.1' },
});

it('audit --reads lists who read data of the account in the last 24 hours', async () => {
  const nowMs = clock.now();
  reads.set('acme', [readAt(nowMs - 25 * hourMs, 'old'), readAt(nowMs - hourMs, 'new')]);

  const { code, out } = await weir('audit', '--reads', '--account', 'acme');

  expect(code).toBe(0);
  expect(out.trimEnd().split('\n')).toEqual([
    '2026-11-21T09:25:00.000Z  200  /v1/quarantine',
    '  key 49a1c7d03be2 from 192.0.2.1',
  ]);
});

it('--from names an earlier time, and --json gives all that is known', async () => {
  const nowMs = clock.now();
  reads.set('acme', [readAt(nowMs - 25 * hourMs, 'old'), readAt(nowMs - hourMs, 'new')]);

  const { out } = await weir('audit', '--reads', '--account', 'acme', '--from', '2d', '--to', '2h', '--json');

  expect(JSON.parse(out)).toEqual({
    account_id: 'acme',
    reads: [
      {
        at: '2026-11-20T09:25:00.000Z',
        who: 'key 49a1c7d03be2',
        route: '/v1/quarantine',
        status: 200,
        from: '192.0.2.1',
        request_id: 'old',
      },
    ],
  });
});

it.each([
  [['--account', 'nobody'], 'There is no account "nobody".'],
  [['--account', 'acme', '--from', '1h', '--to', '2h'], '--from has to be before --to.'],
])('audit --reads %j is refused', async (argv, message) => {
  const { code, err } = await weir('audit', '--reads', ...argv);

  expect(code).toBeGreaterThan(0);
  expect(err).toContain(message);
});

it('says so where nothing was read', async () => {
  expect((await weir('audit', '--reads', '--account', 'acme')).out).toContain(
    'Nothing of the account was read',
  );
});
