import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DynamoAccounts } from '../../../adapters/accounts/dynamodb-accounts.ts';
import { MemoryAccounts } from '../../../adapters/accounts/memory-accounts.ts';
import { DynamoCurrentPlatformKey } from '../../../adapters/signing/dynamodb-current-platform-key.ts';
import { MemoryPlatformKeys } from '../../../adapters/signing/memory-platform-keys.ts';
import { fromPageItem } from '../../../adapters/storing/dynamodb-page-items.ts';
import { DynamoPages } from '../../../adapters/storing/dynamodb-pages.ts';
import { MemoryPages } from '../../../adapters/storing/memory-pages.ts';
import { systemClock, systemRandom } from '../../../adapters/system/clock-and-random.ts';
import type { Account } from '../../../domain/accounts/accounts.ts';
import type { ApiKey } from '../../../domain/accounts/api-keys.ts';
import type { Accounts } from '../../../domain/accounts/port.ts';
import { hashSecret } from '../../../domain/accounts/secrets.ts';
import { apiKeyKey, apiKeySortKey } from '../../../domain/keys.ts';
import type { PlatformKeys } from '../../../domain/signing/port.ts';
import type { Page } from '../../../domain/storing/pages.ts';
import type { Pages } from '../../../domain/storing/port.ts';
import { events, nowMs } from '../../support/events.ts';
import { startTables, type TestTables, tableNames } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

const account: Account = {
  id: 'acme',
  createdAtMs: 0,
  tier: 'enterprise',
  overrides: { slots: 3 },
  status: 'active',
  mostSlots: 4,
  generation: 0,
  planKey: 'plan-key',
};
const key: ApiKey = {
  id: 'abcdef012345',
  account: 'acme',
  generation: 0,
  environment: 'production',
  scopes: ['ingest', 'read'],
  hash: hashSecret('secret'),
  createdAtMs: nowMs,
  createdBy: 'operator ada',
};

describe.each<[string, () => Accounts]>([
  ['memory', () => new MemoryAccounts()],
  ['DynamoDB', () => new DynamoAccounts(tables.table('accounts'))],
])('accounts in %s', (_, create) => {
  it('are read as they were created, and are created only once', async () => {
    const accounts = create();

    expect(await accounts.create(account, key, [])).toBe(true);
    expect(await accounts.create({ ...account, tier: 'standard' }, { ...key, id: 'ffffffffffff' }, [])).toBe(
      false,
    );

    expect(await accounts.findAccount('acme')).toEqual(account);
    const found = await accounts.findPrincipal('acme', key.id);
    expect(found?.account).toEqual(account);
    expect({ ...found?.key, hash: Buffer.from(found?.key.hash ?? []) }).toEqual({
      ...key,
      hash: Buffer.from(key.hash),
    });
    expect(await accounts.findPrincipal('acme', 'ffffffffffff')).toBeUndefined();
    expect(await accounts.findPrincipal('nobody', key.id)).toBeUndefined();
    expect(await accounts.findAccount('nobody')).toBeUndefined();
    expect(await Array.fromAsync(accounts.tenants())).toEqual([
      { tenant: { account: 'acme', environment: 'production', generation: 0 }, mostSlots: 4 },
    ]);
  });
});

it("a key is not found under another account's name", async () => {
  const accounts = new DynamoAccounts(tables.table('accounts'));
  const other = { ...account, id: 'other' };
  await accounts.create(other, { ...key, id: 'aaaaaaaaaaaa', account: 'other' }, []);

  expect(await accounts.findPrincipal('acme', 'aaaaaaaaaaaa')).toBeUndefined();
  expect((await accounts.findPrincipal('other', 'aaaaaaaaaaaa'))?.account).toEqual(other);
});

it('a principal is read in one call', async () => {
  const send = vi.spyOn(tables.client, 'send');

  await new DynamoAccounts(tables.table('accounts')).findPrincipal('acme', key.id);

  expect(send).toHaveBeenCalledTimes(1);
  send.mockRestore();
});

it('an environment is found after its keys are gone: its data may still be there', async () => {
  const { client } = tables;
  const accounts = new DynamoAccounts(tables.table('accounts'));
  await accounts.create(
    { ...account, id: 'keyless' },
    { ...key, id: 'eeeeeeeeeeee', account: 'keyless' },
    [],
  );
  const Key = { pk: apiKeyKey('eeeeeeeeeeee'), sk: apiKeySortKey };
  await client.send(new DeleteCommand({ TableName: tableNames.accounts, Key }));

  const found = await Array.fromAsync(accounts.tenants());

  expect(found).toContainEqual({
    tenant: { account: 'keyless', environment: 'production', generation: 0 },
    mostSlots: 4,
  });
});

describe.each<[string, () => PlatformKeys]>([
  ['memory', () => new MemoryPlatformKeys(systemRandom)],
  [
    'DynamoDB',
    () =>
      new DynamoCurrentPlatformKey({
        table: tables.table('ledger'),
        random: systemRandom,
        clock: systemClock,
      }),
  ],
])('the platform keys in %s', (_, create) => {
  it('are made by the first caller, and found by their number', async () => {
    const platformKeys = create();
    expect(await platformKeys.find(1)).toBeUndefined();

    const made = await platformKeys.current();

    expect(made).toMatchObject({ number: 1 });
    expect(made.secret).toHaveLength(32);
    expect(await platformKeys.current()).toEqual(made);
    expect(await platformKeys.find(1)).toEqual(made);
    expect(await create().find(2)).toBeUndefined();
  });
});

it('concurrent callers who make the platform key get the same one', async () => {
  const makers = Array.from(
    { length: 8 },
    () =>
      new DynamoCurrentPlatformKey({
        table: tables.table('accounts'),
        random: systemRandom,
        clock: systemClock,
      }),
  );

  const keys = await Promise.all(makers.map((maker) => maker.current()));

  expect(new Set(keys.map(({ secret }) => Buffer.from(secret).toString('hex'))).size).toBe(1);
});

type ReadablePages = { pages: Pages; read: () => Promise<number[]> };
const memoryPages = (): ReadablePages => {
  const pages = new MemoryPages();
  return { pages, read: async () => [...pages.written.values()].map((page) => page.events.length) };
};
const dynamoPages = (): ReadablePages => ({
  pages: new DynamoPages(tables.table('pages')),
  read: async () => {
    const { Items = [] } = await tables.client.send(new ScanCommand({ TableName: tableNames.pages }));
    return Items.map((item) => fromPageItem(item).events.length);
  },
});

describe.each<[string, () => ReadablePages]>([
  ['memory', memoryPages],
  ['DynamoDB', dynamoPages],
])('pages in %s', (_, create) => {
  it('are written any number at once, and a later try replaces an earlier one', async () => {
    const { pages, read } = create();
    const some = (count: number) =>
      Array.from(
        { length: 60 },
        (__, index): Page => ({
          pk: 'acme#production#0#0',
          sk: `01#${index}#b.0#0`,
          events: events(count),
          receivedAtMs: nowMs,
          region: 'us-east-1',
          expiresAtMs: nowMs + 1,
        }),
      );

    await pages.write(some(2));
    await pages.write(some(3));
    await pages.write([]);

    expect(await read()).toEqual(Array(60).fill(3));
  });
});
