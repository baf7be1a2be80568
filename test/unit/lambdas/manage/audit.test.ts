import { beforeEach, expect, it, vi } from 'vitest';
import { hourMs, iso, minuteMs } from '../../../../domain/system/time.ts';
import { startManage } from './fixture.ts';

type Started = Awaited<ReturnType<typeof startManage>>;
let { accounts, clock, weir, createFor, clientOf } = {} as Started;
let ask: ReturnType<Started['clientOf']>;
let startMs: number;
beforeEach(async () => {
  ({ accounts, clock, weir, createFor, clientOf } = await startManage());
  ask = clientOf('acme', await createFor('acme'));
  startMs = clock.nowMs;
  for (const _ of [1, 2, 3]) {
    clock.nowMs += hourMs;
    await weir('key', 'create', '--account', 'acme');
  }
});

const read = async (query: Record<string, string> = {}) => (await ask('GET /v1/audit', { query })).json;

it('the newest entries come first, with who, from where, what, before and after', async () => {
  await weir('account', 'suspend', '--account', 'acme');

  const { status, json } = await ask('GET /v1/audit');

  expect(status).toBe(200);
  expect(json.account_id).toBe('acme');
  expect(json.next_cursor).toBeUndefined();
  expect(json.entries.map(({ what }: { what: string }) => what).slice(-2)).toEqual([
    'key.created',
    'account.created',
  ]);
  expect(json.entries).toContainEqual({
    at: iso(clock.nowMs),
    who: 'operator ada',
    from: 'host',
    what: 'account.suspended',
    environment: null,
    key_id: null,
    record: null,
    person: null,
    before: { status: 'active' },
    after: { status: 'suspended', reads: 'allowed' },
  });
});

it('pages follow one another by their cursor, none twice and none left out', async () => {
  const all = (await read()).entries;
  const pages: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await read({ limit: '2', ...(cursor && { cursor }) });
    pages.push(...page.entries);
    cursor = page.next_cursor;
  } while (cursor);

  expect(pages).toEqual(all);
  expect(all).toHaveLength(5);
});

it('from and to narrow it, as for the verb', async () => {
  const whats = async (query: Record<string, string>) => (await read(query)).entries.length;

  expect(await whats({ from: '90m' })).toBe(2);
  expect(await whats({ from: iso(startMs), to: iso(startMs + hourMs) })).toBe(2);
  expect(await whats({ from: iso(startMs + 1), to: iso(startMs + hourMs + 1) })).toBe(1);
  expect(await whats({ from: '1m' })).toBe(1);
});

it('it is the log of the account, without what concerns another environment alone', async () => {
  clock.nowMs += minuteMs;
  await weir('key', 'create', '--account', 'acme', '--environment', 'staging');
  await weir('account', 'suspend', '--account', 'acme');
  await createFor('other');

  const environmentsOf = (entries: { environment: string | null }[]) => [
    ...new Set(entries.map(({ environment }) => environment)),
  ];
  expect(environmentsOf((await read()).entries)).toEqual([null, 'production']);
  const staging = (await clientOf('acme', 'k', 'staging')('GET /v1/audit')).json;
  expect(environmentsOf(staging.entries).toSorted()).toEqual([null, 'staging'].toSorted());
  const others = (await clientOf('other', 'k')('GET /v1/audit')).json.entries;
  expect(others).toHaveLength(2);
});

it('of another environment alone a page is not empty, and its cursor names no entry', async () => {
  await weir('key', 'create', '--account', 'acme', '--environment', 'staging');
  const staging = clientOf('acme', 'k', 'staging');
  const all = (await staging('GET /v1/audit')).json.entries;
  for (const _ of [1, 2, 3]) {
    clock.nowMs += minuteMs;
    await weir('key', 'create', '--account', 'acme');
  }

  const pages: unknown[] = [];
  const places: (string | undefined)[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: '1', ...(cursor && { cursor }) };
    const { entries, next_cursor } = (await staging('GET /v1/audit', { query })).json;
    expect(entries).toHaveLength(1);
    pages.push(...entries);
    places.push(next_cursor && atOf(next_cursor));
    cursor = next_cursor;
  } while (cursor);

  expect(pages).toEqual(all);
  // Each page begins at the entry that follows, and the last one is the last.
  expect(places).toEqual([...all.slice(1).map(({ at }: { at: string }) => at), undefined]);
});

const atOf = (cursor: string) => iso(Number(Buffer.from(cursor, 'base64url').toString().slice(0, 13)));

it('a request reads 10 pages of entries of other environments at most, and the next one goes on', async () => {
  const [of, what] = [{ account: 'acme', who: 'operator ada', from: 'host' }, 'data.read'] as const;
  await accounts.auditLog.write(
    Array.from({ length: 1500 }, (_, index) => ({
      ...{ ...of, what, environment: 'production', after: {} },
      ...{ atMs: clock.nowMs, id: `${index.toString(16).padStart(12, '0')}-00` },
    })),
  );
  const page = vi.spyOn(accounts.auditLog, 'page');
  const staging = clientOf('acme', 'k', 'staging');

  const first = (await staging('GET /v1/audit')).json;
  expect(page).toHaveBeenCalledTimes(10);
  expect(first.entries).toEqual([]);
  const second = (await staging('GET /v1/audit', { query: { cursor: first.next_cursor } })).json;
  expect(second.entries.map(({ what: told }: { what: string }) => told)).toEqual(['account.created']);
  expect(second.next_cursor).toBeUndefined();
});

it('an account that is created again does not see what was of the one that was deleted', async () => {
  clock.nowMs += minuteMs;
  await weir('account', 'delete', '--account', 'acme', '--yes');
  clock.nowMs += minuteMs;
  await createFor('acme');

  const whats = (await read()).entries.map(({ what }: { what: string }) => what);
  expect(whats).toEqual(['key.created', 'account.created']);
});

it('a cursor of another account leads nowhere else', async () => {
  await createFor('other');
  const { next_cursor } = await read({ limit: '1' });

  const { status, json } = await clientOf('other', 'k')('GET /v1/audit', { query: { cursor: next_cursor } });

  expect(status).toBe(200);
  for (const { after } of json.entries) expect(JSON.stringify(after)).not.toContain('acme');
  expect(json).toMatchObject({ account_id: 'other', entries: [] });
});

it.each([
  [{ from: 'soon' }, 'from'],
  [{ to: '2026' }, 'to'],
  [{ from: '1h', to: '2h' }, 'from'],
  [{ limit: '0' }, 'limit'],
  [{ limit: '101' }, 'limit'],
  [{ limit: '1e1' }, 'limit'],
  [{ cursor: 'x' }, 'cursor'],
  [{ cursor: Buffer.from('0000000000000#0').toString('base64url') }, 'cursor'],
  [{ page: '2' }, 'page'],
])('%j is a 400 that names %s', async (query, parameter) => {
  const { status, json } = await ask('GET /v1/audit', { query });

  expect(status).toBe(400);
  expect(json).toMatchObject({ code: 'invalid_parameter', parameter });
});
