import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoAccounts } from '../../../adapters/accounts/dynamodb-accounts.ts';
import { DynamoAuditLog } from '../../../adapters/accounts/dynamodb-audit-log.ts';
import { MemoryAccounts } from '../../../adapters/accounts/memory-accounts.ts';
import { DynamoPolicies } from '../../../adapters/personal-data/dynamodb-policies.ts';
import { MemoryPolicies } from '../../../adapters/personal-data/memory-policies.ts';
import type { Account } from '../../../domain/accounts/accounts.ts';
import type { AuditEntry } from '../../../domain/accounts/audit.ts';
import type { Accounts, AuditLog } from '../../../domain/accounts/port.ts';
import { hashSecret } from '../../../domain/accounts/secrets.ts';
import type { PersonalDataPolicy } from '../../../domain/personal-data/personal-data.ts';
import { policyName } from '../../../domain/personal-data/policy-name.ts';
import type { Policies } from '../../../domain/personal-data/port.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

const strict: PersonalDataPolicy = {
  fields: [
    { name: 'password', action: 'refuse' },
    { name: 'tax_*', action: 'redact' },
  ],
  detectors: [{ detect: 'email', action: 'redact', in: ['metadata', 'user_id'] }],
};
const lax: PersonalDataPolicy = { fields: [{ name: 'pa"ss\u2028', action: 'redact' }] };

let made = 0;
async function createIn(accounts: Accounts): Promise<Account> {
  made += 1;
  const account: Account = {
    id: `acme-${made}`,
    createdAtMs: 0,
    tier: 'standard',
    overrides: {},
    status: 'active',
    mostSlots: 4,
    generation: 0,
    planKey: 'plan-key',
    signing: 'a-version',
  };
  await accounts.create(
    account,
    {
      id: String(made).padStart(12, '0'),
      account: account.id,
      generation: 0,
      environment: 'production',
      scopes: ['ingest'],
      hash: hashSecret('secret'),
      createdAtMs: 0,
      createdBy: 'operator ada',
    },
    [],
  );
  return account;
}

type Adapters = { accounts: Accounts; policies: Policies; auditLog: AuditLog };
const memory = (): Adapters => {
  const accounts = new MemoryAccounts();
  return { accounts, policies: new MemoryPolicies(accounts), auditLog: accounts.auditLog };
};
const dynamo = (): Adapters => ({
  accounts: new DynamoAccounts(tables.table('accounts')),
  policies: new DynamoPolicies(tables.table('accounts')),
  auditLog: new DynamoAuditLog(tables.table('accounts')),
});

describe.each<[string, () => Adapters]>([
  ['memory', memory],
  ['DynamoDB', dynamo],
])('policies in %s', (_, create) => {
  it('are in force once assigned, and change nothing else of the account', async () => {
    const { accounts, policies } = create();
    const account = await createIn(accounts);

    expect(await policies.assign(account.id, undefined, strict, [])).toBe(true);

    const name = policyName(strict);
    expect(await accounts.findAccount(account.id)).toEqual({ ...account, policy: name });
    expect(await policies.find(account.id, name)).toEqual(strict);
  });

  it('can still be read by name when another one is in force, or none', async () => {
    const { accounts, policies } = create();
    const account = await createIn(accounts);
    const [ofStrict, ofLax] = [policyName(strict), policyName(lax)];
    await policies.assign(account.id, undefined, strict, []);

    expect(await policies.assign(account.id, ofStrict, lax, [])).toBe(true);
    expect(await accounts.findAccount(account.id)).toEqual({ ...account, policy: ofLax });
    expect(await policies.assign(account.id, ofLax, undefined, [])).toBe(true);
    expect(await accounts.findAccount(account.id)).toEqual(account);
    expect(await policies.assign(account.id, undefined, undefined, [])).toBe(true);

    expect(await policies.find(account.id, ofStrict)).toEqual(strict);
    expect(await policies.find(account.id, ofLax)).toEqual(lax);
  });

  it('never change under a name, even if the same rules are written differently', async () => {
    const { accounts, policies } = create();
    const account = await createIn(accounts);
    const inOtherWords = { ...strict, fields: strict.fields?.toReversed() };
    await policies.assign(account.id, undefined, strict, []);

    expect(await policies.assign(account.id, policyName(strict), inOtherWords, [])).toBe(true);

    expect(policyName(inOtherWords)).toBe(policyName(strict));
    expect(await policies.find(account.id, policyName(strict))).toEqual(strict);
  });

  it('are refused for an account that does not exist, and then not stored', async () => {
    const { accounts, policies } = create();

    expect(await policies.assign('nobody', undefined, strict, [])).toBe(false);
    expect(await policies.assign('nobody', undefined, undefined, [])).toBe(false);

    expect(await accounts.findAccount('nobody')).toBeUndefined();
    expect(await policies.find('nobody', policyName(strict))).toBeUndefined();
  });

  it('are put in force only in place of the one that was read, and with their audit entries', async () => {
    const { accounts, policies, auditLog } = create();
    const account = await createIn(accounts);
    const entryOf = (id: string): AuditEntry => ({
      account: account.id,
      atMs: 1,
      id,
      who: 'operator ada',
      from: 'host',
      what: 'policy.set',
      after: { policy_name: policyName(strict) },
    });

    expect(await policies.assign(account.id, policyName(lax), strict, [entryOf('refused')])).toBe(false);
    expect(await accounts.findAccount(account.id)).toEqual(account);
    expect(await policies.assign(account.id, undefined, strict, [entryOf('done')])).toBe(true);
    expect(await policies.assign(account.id, undefined, undefined, [entryOf('late')])).toBe(false);

    expect(await accounts.findAccount(account.id)).toEqual({ ...account, policy: policyName(strict) });
    expect(await auditLog.list(account.id, { fromMs: 0, toMs: 2 })).toEqual([entryOf('done')]);
  });

  it('are separate for each account', async () => {
    const { accounts, policies } = create();
    const [one, other] = [await createIn(accounts), await createIn(accounts)];

    await policies.assign(one.id, undefined, strict, []);

    expect(await policies.find(other.id, policyName(strict))).toBeUndefined();
    expect(await accounts.findAccount(other.id)).toEqual(other);
  });
});
