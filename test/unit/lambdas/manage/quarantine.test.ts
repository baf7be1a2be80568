import { beforeEach, describe, expect, it } from 'vitest';
import { FunctionFailed } from '../../../../adapters/aws/invoke-function.ts';
import type { SettleAnswer } from '../../../../domain/quarantine/quarantine.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { batchOf, recordOf } from '../../cli/records-fixture.ts';
import { startManage } from './fixture.ts';

type Started = Awaited<ReturnType<typeof startManage>>;
let { accounts, clock, records, createFor, clientOf, deps, logged } = {} as Started;
let own: string;
let ask: ReturnType<Started['clientOf']>;
beforeEach(async () => {
  ({ accounts, clock, records, createFor, clientOf, deps, logged } = await startManage());
  own = await createFor('acme');
  ask = clientOf('acme', own);
});

const settle = (action: 'replay' | 'discard', record: string, client = ask) =>
  client(`POST /v1/quarantine/{record}/${action}`, { path: { record } });
const audited = async () =>
  (await accounts.auditLog.list('acme', { fromMs: 0, toMs: clock.nowMs + 1 })).filter(({ what }) =>
    what.startsWith('quarantine'),
  );

it('a record is replayed by the function settle, and the audit log says who asked', async () => {
  const record = await records.quarantine('bad');

  const { status, json, headers } = await settle('replay', record);

  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'cache-control': 'no-store' });
  expect(json).toEqual({ record, outcome: 'stored', stored: 2, duplicates: 0, conflicts: 0 });
  expect(records.requests).toEqual([expect.objectContaining({ action: 'replay', record })]);
  expect(await audited()).toEqual([
    expect.objectContaining({
      what: 'quarantine.replay',
      record,
      environment: 'production',
      who: `key ${own}`,
      from: '203.0.113.7',
      after: { events: 2, reason: 'failed' },
    }),
  ]);
});

it('a record is discarded, and named by its batch and part as the list has them', async () => {
  await records.quarantine('bad');

  const { status, json } = await settle('discard', `${batchOf('bad')}${'A'.repeat(26)}.0`);

  expect(status).toBe(200);
  expect(json).toEqual({ record: recordOf('bad'), outcome: 'discarded' });
  expect((await audited()).map(({ what }) => what)).toEqual(['quarantine.discard']);
});

it('what is not in quarantine of the caller is answered as what never was, and not entered', async () => {
  const theirs = await records.quarantine('theirs', {
    tenant: { account: 'other', environment: 'production', generation: 0 },
  });
  const elsewhere = await records.quarantine('staged', {
    tenant: { account: 'acme', environment: 'staging', generation: 0 },
  });
  const before = await records.quarantine('before', {
    tenant: { account: 'acme', environment: 'production', generation: 1 },
  });
  const done = await records.quarantine('done');
  await settle('replay', done);
  const entries = await audited();

  const unknown = await settle('replay', recordOf('never'));

  expect(unknown).toMatchObject({ status: 404, json: { code: 'not_in_quarantine' } });
  for (const record of [theirs, elsewhere, before, done, 'BATCH', 'x.0', '..', '', `${'9'.repeat(99)}.1`])
    for (const action of ['replay', 'discard'] as const)
      expect(await settle(action, record)).toEqual(unknown);
  expect(await audited()).toEqual(entries);
});

it('a record whose events have expired is not there any more', async () => {
  const record = await records.quarantine('old');
  clock.nowMs += 60 * dayMs;

  expect((await settle('replay', record)).status).toBe(404);
});

describe('what settle answers', () => {
  it.each<[SettleAnswer | Error, number, object]>([
    [{ outcome: 'busy' }, 409, { code: 'record_busy', retry_after: 60 }],
    [{ outcome: 'payload_gone' }, 409, { code: 'replay_failed', reason: 'payload_gone' }],
    [{ outcome: 'failed', cause: 'TypeError' }, 409, { code: 'replay_failed', reason: 'failed' }],
    [{ outcome: 'undecodable', cause: 'x' }, 409, { code: 'replay_failed', reason: 'undecodable' }],
    [{ outcome: 'not_in_quarantine' }, 404, { code: 'not_in_quarantine' }],
    [{ outcome: 'unavailable' }, 503, { code: 'unavailable' }],
  ])('%j is a %i', async (answer, status, problem) => {
    const record = await records.quarantine('bad');
    records.answers.set(record, answer);

    const { status: answered, json } = await settle('replay', record);

    expect(answered).toBe(status);
    expect(json).toMatchObject(problem);
    expect(json).not.toHaveProperty('cause');
    expect(await audited()).toHaveLength(1);
  });

  it('too late is a 202, and that it crashed is logged and told', async () => {
    const record = await records.quarantine('bad');
    const { settling } = deps;
    settling.settle = async () => ({ outcome: 'under way' });
    expect(await settle('replay', record)).toMatchObject({
      status: 202,
      json: { record, outcome: 'under_way' },
    });

    settling.settle = async () => ({ outcome: 'crashed' });
    expect(await settle('replay', record)).toMatchObject({ status: 409, json: { reason: 'crashed' } });
    expect(JSON.stringify(logged)).toContain('a record ended the function settle');
  });
});

it('nothing is asked of settle that the audit log could not take', async () => {
  const record = await records.quarantine('bad');
  accounts.auditLog.write = async () => {
    throw new FunctionFailed('away');
  };

  expect((await settle('discard', record)).status).toBe(500);
  expect(records.requests).toEqual([]);
});

it.each([
  [{ query: { force: 'true' } }, 'force'],
  [{ body: { reason: 'x' } }, 'reason'],
])('%j is a 400 that names %s', async (asked, parameter) => {
  const record = await records.quarantine('bad');

  const route = 'POST /v1/quarantine/{record}/discard';
  const { status, json } = await ask(route, { path: { record }, ...asked });

  expect(status).toBe(400);
  expect(json).toMatchObject({ code: 'invalid_parameter', parameter });
  expect(records.requests).toEqual([]);
});
