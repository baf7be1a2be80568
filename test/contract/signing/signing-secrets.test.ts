import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoAccounts } from '../../../adapters/accounts/dynamodb-accounts.ts';
import { DynamoAuditLog } from '../../../adapters/accounts/dynamodb-audit-log.ts';
import { MemoryAccounts } from '../../../adapters/accounts/memory-accounts.ts';
import { DynamoSigningSecrets } from '../../../adapters/signing/dynamodb-signing-secrets.ts';
import { MemorySigningSecrets } from '../../../adapters/signing/memory-signing-secrets.ts';
import type { Account } from '../../../domain/accounts/accounts.ts';
import type { ApiKey } from '../../../domain/accounts/api-keys.ts';
import type { AuditEntry } from '../../../domain/accounts/audit.ts';
import type { Accounts, AuditLog } from '../../../domain/accounts/port.ts';
import type { SigningSecrets } from '../../../domain/signing/port.ts';
import { type SealedSecrets, sealedSecretsOf } from '../../../domain/signing/signing-secrets.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

const secretsOf = (...names: string[]) =>
  sealedSecretsOf(
    names.map((id) => ({ id, sealed: new Uint8Array(Buffer.from(`sealed ${id}`)) })),
    names.length > 1,
  );
const [one, two] = [secretsOf('one'), secretsOf('one', 'two')];
/** DynamoDB returns bytes of another class. */
const plain = (secrets: SealedSecrets | undefined) =>
  secrets && {
    ...secrets,
    secrets: secrets.secrets.map(({ id, sealed }) => ({ id, sealed: Buffer.from(sealed).toString() })),
  };

let accountsMade = 0;

const keyOf = (account: string): ApiKey => ({
  id: account,
  account,
  generation: 0,
  environment: 'production',
  scopes: ['ingest'],
  hash: new Uint8Array(32),
  createdAtMs: 0,
  createdBy: 'operator ada',
});

describe.each<[string, () => { accounts: Accounts; signingSecrets: SigningSecrets; auditLog: AuditLog }]>([
  [
    'memory',
    () => {
      const accounts = new MemoryAccounts();
      return {
        accounts,
        signingSecrets: new MemorySigningSecrets(accounts),
        auditLog: accounts.auditLog,
      };
    },
  ],
  [
    'DynamoDB',
    () => ({
      accounts: new DynamoAccounts(tables.table('accounts')),
      signingSecrets: new DynamoSigningSecrets(tables.table('accounts')),
      auditLog: new DynamoAuditLog(tables.table('accounts')),
    }),
  ],
])('signing secrets in %s', (_, create) => {
  async function prepare() {
    accountsMade += 1;
    const account: Account = {
      id: `account-${accountsMade}`,
      createdAtMs: 0,
      tier: 'standard',
      overrides: {},
      status: 'active',
      mostSlots: 4,
      generation: 0,
      planKey: 'plan-key',
      policy: 'strict',
    };
    const stores = create();
    await stores.accounts.create(account, keyOf(account.id), []);
    return { ...stores, account };
  }

  it('are none at first, are read as they were stored, and the account names their version', async () => {
    const { accounts, signingSecrets, account } = await prepare();
    expect(await signingSecrets.find(account.id)).toBeUndefined();

    expect(await signingSecrets.replace(account.id, undefined, two, [])).toBe(true);

    expect(plain(await signingSecrets.find(account.id))).toEqual(plain(two));
    expect(await accounts.findAccount(account.id)).toEqual({ ...account, signing: two?.version });
  });

  it('are gone with an account that is deleted: another of its id has none', async () => {
    const { accounts, signingSecrets, account } = await prepare();
    await signingSecrets.replace(account.id, undefined, one, []);
    const entry: AuditEntry = {
      ...{ account: account.id, atMs: 0, id: '1', who: 'operator ada', from: 'host' },
      ...{ what: 'account.deleted', after: {} },
    };

    expect(await accounts.delete(account, entry)).toBe(true);

    expect(await signingSecrets.find(account.id)).toBeUndefined();
    const next = { ...account, generation: 1 };
    await accounts.create(next, { ...keyOf(account.id), id: `next-${account.id}`, generation: 1 }, []);
    expect(await signingSecrets.find(account.id)).toBeUndefined();
    expect(await signingSecrets.replace(account.id, undefined, two, [])).toBe(true);
  });

  it('are replaced only by a caller that has read the current version', async () => {
    const { accounts, signingSecrets, account } = await prepare();
    await signingSecrets.replace(account.id, undefined, one, []);

    expect(await signingSecrets.replace(account.id, undefined, two, [])).toBe(false);
    expect(await signingSecrets.replace(account.id, 'another', two, [])).toBe(false);
    expect(await signingSecrets.replace(account.id, 'another', undefined, [])).toBe(false);
    expect(plain(await signingSecrets.find(account.id))).toEqual(plain(one));
    expect((await accounts.findAccount(account.id))?.signing).toBe(one?.version);

    expect(await signingSecrets.replace(account.id, one?.version, two, [])).toBe(true);
    expect(plain(await signingSecrets.find(account.id))).toEqual(plain(two));
    expect((await accounts.findAccount(account.id))?.signing).toBe(two?.version);
  });

  it('are replaced with the audit entries of the change, and with none where they are not', async () => {
    const { signingSecrets, auditLog, account } = await prepare();
    const entryOf = (id: string): AuditEntry => ({
      account: account.id,
      atMs: 1,
      id,
      who: 'operator ada',
      from: 'host',
      what: 'signing.added',
      after: { required: true, secret_ids: ['one'] },
    });

    expect(await signingSecrets.replace(account.id, undefined, one, [entryOf('done')])).toBe(true);
    expect(await signingSecrets.replace(account.id, 'another', two, [entryOf('refused')])).toBe(false);

    expect(await auditLog.list(account.id, { fromMs: 0, toMs: 2 })).toEqual([entryOf('done')]);
  });

  it('are gone when the last one is removed, and the account is as before', async () => {
    const { accounts, signingSecrets, account } = await prepare();
    await signingSecrets.replace(account.id, undefined, one, []);

    expect(await signingSecrets.replace(account.id, one?.version, undefined, [])).toBe(true);

    expect(await signingSecrets.find(account.id)).toBeUndefined();
    expect(await accounts.findAccount(account.id)).toEqual(account);
    expect(await accounts.findAccount(account.id)).not.toHaveProperty('signing');
    expect(await signingSecrets.replace(account.id, one?.version, two, [])).toBe(false);
    expect(await signingSecrets.replace(account.id, undefined, two, [])).toBe(true);
  });

  it('are refused for an account that does not exist, and do not create it', async () => {
    const { accounts, signingSecrets } = await prepare();

    expect(await signingSecrets.replace('nobody', undefined, one, [])).toBe(false);
    expect(await signingSecrets.replace('nobody', undefined, undefined, [])).toBe(false);

    expect(await signingSecrets.find('nobody')).toBeUndefined();
    expect(await accounts.findAccount('nobody')).toBeUndefined();
  });

  it('are changed by only one of many callers at once, and only that one gets true', async () => {
    const { signingSecrets, account } = await prepare();
    const sets = Array.from({ length: 5 }, (__, index) => secretsOf(`racer-${index}`));

    const won = await Promise.all(sets.map((set) => signingSecrets.replace(account.id, undefined, set, [])));

    expect(won.filter(Boolean)).toHaveLength(1);
    const found = await signingSecrets.find(account.id);
    expect(found?.version).toBe(sets[won.indexOf(true)]?.version);
  });
});
