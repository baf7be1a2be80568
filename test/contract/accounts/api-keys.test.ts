import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DynamoAccounts } from '../../../adapters/accounts/dynamodb-accounts.ts';
import { DynamoApiKeys } from '../../../adapters/accounts/dynamodb-api-keys.ts';
import { DynamoAuditLog } from '../../../adapters/accounts/dynamodb-audit-log.ts';
import { DynamoGenerations } from '../../../adapters/accounts/dynamodb-generations.ts';
import { DynamoPrincipals } from '../../../adapters/accounts/dynamodb-principals.ts';
import { MemoryAccounts } from '../../../adapters/accounts/memory-accounts.ts';
import { authorizeTimeouts } from '../../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../../adapters/aws/dynamodb-client.ts';
import type { Account } from '../../../domain/accounts/accounts.ts';
import { type ApiKey, rotate } from '../../../domain/accounts/api-keys.ts';
import type { AuditEntry } from '../../../domain/accounts/audit.ts';
import type { Accounts, ApiKeys, AuditLog, Generations, LastUses } from '../../../domain/accounts/port.ts';
import { auditKeyPrefix, auditSortKey, isAuditSortKey } from '../../../domain/keys.ts';
import { minuteMs } from '../../../domain/system/time.ts';
import { nowMs } from '../../support/events.ts';
import { noPause, startTables, type TestTables, tableNames } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

type Adapters = {
  readonly accounts: Accounts;
  readonly keys: ApiKeys;
  readonly lastUses: LastUses;
  readonly auditLog: AuditLog;
  readonly generations: Generations;
};

const memory = (): Adapters => {
  const accounts = new MemoryAccounts();
  const { keys, lastUses, auditLog, generations } = accounts;
  return { accounts, keys, lastUses, auditLog, generations };
};
const dynamo = (): Adapters => {
  const table = tables.table('accounts');
  return {
    accounts: new DynamoAccounts(table),
    keys: new DynamoApiKeys(table),
    lastUses: new DynamoPrincipals(table),
    auditLog: new DynamoAuditLog(table),
    generations: new DynamoGenerations(table),
  };
};

let made = 0;
const nextId = () => {
  made += 1;
  return String(made).padStart(12, '0');
};

const accountNamed = (id: string): Account => ({
  id,
  createdAtMs: 0,
  tier: 'standard',
  overrides: {},
  status: 'active',
  mostSlots: 1,
  generation: 0,
  planKey: 'plan-key',
});

const keyOf = (account: string, fields: Partial<ApiKey> = {}): ApiKey => ({
  id: nextId(),
  account,
  generation: 0,
  environment: 'production',
  scopes: ['ingest', 'read'],
  hash: Buffer.alloc(32, 1),
  createdAtMs: nowMs,
  createdBy: 'operator ada',
  ...fields,
});

const entryOf = (account: string, fields: Partial<AuditEntry> = {}): AuditEntry => ({
  account,
  atMs: nowMs,
  id: nextId(),
  who: 'operator ada',
  from: 'host',
  what: 'key.created',
  after: { environment: 'production', scopes: ['ingest', 'read'], slots: 1 },
  ...fields,
});

const plain = (key: ApiKey | undefined) => key && { ...key, hash: Buffer.from(key.hash) };
const everything = { fromMs: 0, toMs: nowMs * 2 };

describe.each<[string, () => Adapters]>([
  ['memory', memory],
  ['DynamoDB', dynamo],
])('in %s', (_, create) => {
  async function prepare() {
    const adapters = create();
    const account = accountNamed(`account-${nextId()}`);
    const key = keyOf(account.id);
    const entry = entryOf(account.id);
    await adapters.accounts.create(account, key, [entry]);
    const audited = async () => (await adapters.auditLog.list(account.id, everything)).map(({ id }) => id);
    return { ...adapters, account, key, entry, audited };
  }

  it('an account has several keys, listed in the order in which they were created', async () => {
    const { keys, accounts, account, key } = await prepare();
    const later = keyOf(account.id, {
      createdAtMs: nowMs + 2,
      environment: 'staging',
      scopes: ['read'],
      expiresAtMs: nowMs + 9,
    });
    const sooner = keyOf(account.id, { createdAtMs: nowMs + 1 });

    expect(await keys.add(later, entryOf(account.id))).toBe(true);
    expect(await keys.add(sooner, entryOf(account.id))).toBe(true);

    const listed = await keys.list(account.id);
    expect(listed.map((used) => plain(used.key))).toEqual([key, sooner, later].map(plain));
    expect(plain((await accounts.findPrincipal(account.id, later.id))?.key)).toEqual(plain(later));
    expect(await keys.list('nobody')).toEqual([]);
    const environments = (await Array.fromAsync(accounts.tenants()))
      .filter(({ tenant }) => tenant.account === account.id)
      .map(({ tenant }) => tenant.environment);
    expect(environments.toSorted()).toEqual(['production', 'staging']);
  });

  it('a key of an account that is not there is not added, and nothing is written', async () => {
    const { keys, auditLog, accounts } = create();
    const key = keyOf('nobody');

    expect(await keys.add(key, entryOf('nobody'))).toBe(false);

    expect(await keys.list('nobody')).toEqual([]);
    expect(await auditLog.list('nobody', everything)).toEqual([]);
    expect(await accounts.findAccount('nobody')).toBeUndefined();
  });

  it('a key is replaced by another, both with their entries, and only as it was read', async () => {
    const { keys, account, key, entry, audited } = await prepare();
    const { replaced, added } = rotate(key, keyOf(account.id, { createdAtMs: nowMs + 1 }), minuteMs);
    const entries = [entryOf(account.id, { atMs: nowMs + 1 }), entryOf(account.id, { atMs: nowMs + 2 })];

    expect(await keys.change({ before: key, after: replaced, added, entries })).toBe(true);
    const again = keyOf(account.id);
    const refused = { before: key, after: { ...key, revokedAtMs: nowMs }, added: again };
    expect(await keys.change({ ...refused, entries: [entryOf(account.id)] })).toBe(false);

    expect((await keys.list(account.id)).map((used) => plain(used.key))).toEqual(
      [replaced, added].map(plain),
    );
    expect(await audited()).toEqual([entry, ...entries].map(({ id }) => id));
  });

  it.each<[string, Partial<ApiKey>]>([
    ['revoked', { revokedAtMs: nowMs }],
    ['given another end', { expiresAtMs: nowMs }],
    ['replaced', { replacedBy: 'ffffffffffff' }],
  ])('a key that was %s meanwhile is not changed', async (_, meanwhile) => {
    const { keys, account, key } = await prepare();
    const ending = { ...key, expiresAtMs: nowMs + 5 };
    await keys.change({ before: key, after: ending, entries: [] });
    const other = { ...ending, ...meanwhile };
    expect(await keys.change({ before: ending, after: other, entries: [] })).toBe(true);

    const change = { before: ending, after: { ...ending, revokedAtMs: nowMs + 1 } };
    expect(await keys.change({ ...change, entries: [entryOf(account.id)] })).toBe(false);

    expect((await keys.list(account.id)).map((used) => plain(used.key))).toEqual([plain(other)]);
  });

  it('the last use of a key is read with it', async () => {
    const { keys, accounts, lastUses, account, key } = await prepare();
    expect((await accounts.findPrincipal(account.id, key.id))?.lastUse).toBeUndefined();

    await lastUses.write(key.id, { minuteMs: 60_000, client: 'curl/8' });
    const last = { minuteMs: 120_000, client: 'analytics-node/3.1.0' };
    await lastUses.write(key.id, last);

    expect((await accounts.findPrincipal(account.id, key.id))?.lastUse).toEqual(last);
    expect((await keys.list(account.id))[0]?.lastUse).toEqual(last);
  });

  it('settings are changed with their entry, and only as they were read', async () => {
    const { accounts, account, entry, audited } = await prepare();
    const change = entryOf(account.id, { what: 'account.changed', atMs: nowMs + 1 });
    const after: Account = {
      ...account,
      tier: 'enterprise',
      overrides: { requestsPerSecond: 100, eventsPerDay: 10, slots: 2 },
      status: 'suspended',
      suspension: { reads: true, ofTier: 'enterprise' },
      mostSlots: 4,
      formerMostSlots: { value: 1, untilMs: nowMs },
      formerRetentions: [
        { value: 30, untilMs: nowMs },
        { value: 45, untilMs: nowMs + 1 },
      ],
      stream: 'priority',
      prioritySlots: [1, 3],
      planKey: 'new',
      formerPlanKey: { value: 'plan-key', untilMs: nowMs },
    };

    expect(await accounts.update(account, after, change)).toBe(true);
    expect(await accounts.update(account, after, entryOf(account.id))).toBe(false);
    const nobody = accountNamed('nobody');
    expect(await accounts.update(nobody, { ...nobody, mostSlots: 2 }, entryOf('nobody'))).toBe(false);

    expect(await accounts.findAccount(account.id)).toEqual(after);
    expect(await accounts.findAccount('nobody')).toBeUndefined();
    expect(await audited()).toEqual([entry.id, change.id]);
    expect(await accounts.update(after, account, entryOf(account.id, { atMs: nowMs + 2 }))).toBe(true);
    expect(await accounts.findAccount(account.id)).toEqual(account);
  });

  it.each<[string, Partial<Account>]>([
    ['tier', { tier: 'custom' }],
    ['overrides', { overrides: { slots: 1 } }],
    ['status', { status: 'suspended' }],
    ['suspension', { suspension: { reads: false } }],
    ['most slots', { mostSlots: 2 }],
    ['former most slots', { formerMostSlots: { value: 1, untilMs: 1 } }],
    ['former retentions', { formerRetentions: [{ value: 30, untilMs: 1 }] }],
    ['stream', { stream: 'priority' }],
    ['priority slots', { prioritySlots: [1] }],
    ['plan key', { planKey: 'other' }],
    ['former plan key', { formerPlanKey: { value: 'other', untilMs: 1 } }],
    ['generation', { generation: 1 }],
  ])('settings are not changed if another operator has changed the %s', async (_name, other) => {
    const { accounts, account, audited } = await prepare();
    const read = { ...account, ...other };

    expect(await accounts.update(read, { ...read, mostSlots: 5 }, entryOf(account.id))).toBe(false);
    expect(await accounts.delete(read, entryOf(account.id))).toBe(false);

    expect(await accounts.findAccount(account.id)).toEqual(account);
    expect(await audited()).toHaveLength(1);
  });

  it('an account that is deleted is gone with its keys, and another of its id is of the next generation', async () => {
    const { accounts, keys, generations, account, key, entry, audited } = await prepare();
    const { id } = account;
    const deletion = entryOf(id, { what: 'account.deleted', atMs: nowMs + 1 });
    expect(await accounts.generationOf(id)).toBe(0);
    expect(await generations.find([id])).toEqual(new Map());

    expect(await accounts.delete(account, deletion)).toBe(true);
    expect(await accounts.delete(account, entryOf(id))).toBe(false);

    const isListed = async () => {
      const tenants = await Array.fromAsync(accounts.tenants());
      const pages = await accounts.page({ count: 1000 });
      return [
        tenants.filter(({ tenant }) => tenant.account === id).map(({ tenant }) => tenant),
        pages.accounts.some((each) => each.id === id),
      ];
    };
    expect(await accounts.findAccount(id)).toBeUndefined();
    expect(await accounts.findPrincipal(id, key.id)).toBeUndefined();
    expect(await keys.list(id)).toEqual([]);
    expect(await keys.add(keyOf(id), entryOf(id))).toBe(false);
    expect(await accounts.update(account, { ...account, mostSlots: 2 }, entryOf(id))).toBe(false);
    expect(await isListed()).toEqual([[], false]);
    expect(await accounts.generationOf(id)).toBe(1);
    expect(await generations.find([id, 'nobody'])).toEqual(new Map([[id, 1]]));

    const next = { ...account, generation: 1 };
    const nextKey = keyOf(id, { generation: 1, environment: 'staging' });
    expect(await accounts.create(account, keyOf(id), [])).toBe(false);
    expect(await accounts.create({ ...next, generation: 2 }, keyOf(id, { generation: 2 }), [])).toBe(false);
    expect(await accounts.create(next, nextKey, [])).toBe(true);
    expect(await accounts.findAccount(id)).toEqual(next);
    expect(await accounts.findPrincipal(id, key.id)).toBeUndefined();
    expect((await keys.list(id)).map((used) => used.key.id)).toEqual([nextKey.id]);
    expect(await keys.add(keyOf(id, { generation: 0 }), entryOf(id))).toBe(false);
    expect(await isListed()).toEqual([[{ account: id, environment: 'staging', generation: 1 }], true]);
    expect(await audited()).toEqual([entry.id, deletion.id]);
  });

  it('an account that is there is not created again, and no entry says so', async () => {
    const { accounts, account, entry, audited } = await prepare();

    expect(await accounts.create(account, keyOf(account.id), [entryOf(account.id)])).toBe(false);

    expect(await audited()).toEqual([entry.id]);
  });

  it('the audit log is read by account and time, the oldest first, as it was written', async () => {
    const { keys, auditLog, account } = await prepare();
    const entry = (atMs: number) => entryOf(account.id, { atMs, key: 'abcdef012345', before: { slots: 2 } });
    const entries = [3, 1, 2].map((at) => entry(nowMs + at * 1000));
    for (const each of entries) await keys.add(keyOf(account.id), each);

    const range = { fromMs: nowMs + 1000, toMs: nowMs + 3000 };
    expect(await auditLog.list(account.id, range)).toEqual([entries[1], entries[2]]);
    expect(await auditLog.list('another', everything)).toEqual([]);
  });

  it('an entry of an act is written by itself, with all that it says', async () => {
    const { auditLog, account, entry } = await prepare();
    const read = entryOf(account.id, {
      atMs: nowMs + 1,
      environment: 'production',
      what: 'data.read',
      record: 'BATCH.0',
      after: { read: ['event_ids'], dry_run: false },
    });

    await auditLog.write([read]);

    expect(await auditLog.list(account.id, everything)).toEqual([entry, read]);
  });

  it('the audit log is read page by page, the newest first, whatever is written meanwhile', async () => {
    const { auditLog } = create();
    const account = `audited-${nextId()}`;
    // Two of each time: the place in a change decides.
    const idAt = (at: number) => `${String(Math.floor(at / 2)).padStart(12, '0')}-0${at % 2}`;
    const entries = [0, 1, 2, 3, 4, 5].map((at) =>
      entryOf(account, { atMs: nowMs + Math.floor(at / 2), id: idAt(at) }),
    );
    await auditLog.write(entries);
    const range = { fromMs: nowMs, toMs: nowMs + 2 };

    const first = await auditLog.page(account, range, 3);
    expect(first.entries).toEqual([entries[3], entries[2], entries[1]]);
    expect(isAuditSortKey(first.next ?? '')).toBe(true);
    await auditLog.write([entryOf(account, { atMs: nowMs + 1, id: `${'f'.repeat(12)}-00` })]);
    expect(await auditLog.page(account, range, 3, first.next)).toEqual({ entries: [entries[0]] });

    expect(await auditLog.page(account, range, 4)).toMatchObject({ entries: { length: 4 } });
    expect((await auditLog.page(account, range, 5)).next).toBeUndefined();
    expect(await auditLog.page('another', range, 3, first.next)).toEqual({ entries: [] });
    // A position of another range leads out of neither.
    const later = { fromMs: nowMs + 2, toMs: nowMs + 3 };
    expect(await auditLog.page(account, later, 9, first.next)).toEqual({ entries: [] });
    const [newest] = (await auditLog.page(account, everything, 1)).entries;
    const next = auditSortKey(newest?.atMs ?? 0, newest?.id);
    expect((await auditLog.page(account, range, 1, next)).entries[0]?.atMs).toBe(nowMs + 1);
  });

  it('accounts are read page by page in the order of their ids', async () => {
    const { accounts } = create();
    const ids = ['p-c', 'p-a', 'p-d', 'p-b', 'p-'.padEnd(63, 'z')];
    for (const id of ids) await accounts.create(accountNamed(id), keyOf(id), []);

    const first = await accounts.page({ count: 2, after: 'p' });
    expect(first).toEqual({ accounts: ['p-a', 'p-b'].map(accountNamed), next: 'p-b' });
    const rest = await accounts.page({ count: 3, after: first.next });
    expect(rest.accounts.map(({ id }) => id)).toEqual(['p-c', 'p-d', ids[4]]);
    expect(rest.next).toBeUndefined();
    expect(await accounts.page({ count: 3, after: ids[4] })).toEqual({ accounts: [] });
  });
});

it('a page of accounts is two calls, and a list of keys too, however much is in the table', async () => {
  const { accounts, keys } = dynamo();
  const account = accountNamed('many-keys');
  await accounts.create(account, keyOf('many-keys'), []);
  for (let key = 0; key < 20; key += 1) await keys.add(keyOf('many-keys'), entryOf('many-keys'));
  const send = vi.spyOn(tables.client, 'send');

  await accounts.page({ count: 5 });
  expect(send).toHaveBeenCalledTimes(2);
  expect(await keys.list('many-keys')).toHaveLength(21);
  expect(send).toHaveBeenCalledTimes(4);
  send.mockRestore();
});

it('an audit entry never takes the place of another', async () => {
  const { accounts, keys, auditLog } = dynamo();
  const entry = entryOf('same-entry');
  await accounts.create(accountNamed('same-entry'), keyOf('same-entry'), [entry]);

  const again = keys.add(keyOf('same-entry'), { ...entry, who: 'operator mallory' });

  await expect(again).rejects.toThrow('Nothing was changed');
  expect(await auditLog.list('same-entry', everything)).toEqual([entry]);
  expect(await keys.list('same-entry')).toHaveLength(1);
});

it('no item of the audit log expires', async () => {
  const { Items = [] } = await tables.client.send(new ScanCommand({ TableName: tableNames.accounts }));
  const entries = Items.filter(({ pk }) => String(pk).startsWith(auditKeyPrefix));

  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries) expect(entry).not.toHaveProperty('ttl');
});

it('the write of a last use gives up on a table that does not answer', async () => {
  const silent = createServer(() => {});
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const client = createDocumentClient(authorizeTimeouts, {
    endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  let requests = 0;
  silent.on('request', () => {
    requests += 1;
  });
  const lastUses = new DynamoPrincipals({ client, name: tableNames.accounts, pause: noPause });

  const written = lastUses.write('0123456789ab', { minuteMs: 0, client: 'curl/8' });

  await expect(written).rejects.toThrow('AbortError');
  expect(requests).toBeLessThanOrEqual(1);
  silent.closeAllConnections();
  silent.close();
});
