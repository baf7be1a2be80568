// The accounts that the twin starts with. The operator's own code makes them, and they are kept beside the data, so
// that a key that was printed once stays valid. The first one has an owner.

import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { DamagedData } from '@weir/twin';
import { StoredJson } from '@weir/twin/files';
import { callEngine } from '@weir/twin/parts';
import { twinAccount } from '@weir/twin/template';
import type { CreatedAccount } from '../cli/account/create.ts';
import { demoOwner } from './issuer.ts';

const keepRejectedDays = 1;

export type DemoAccountsOptions = {
  readonly stage: string;
  readonly proxyUrl: string;
  readonly accountIds: readonly string[];
  /** Undefined: not kept. */
  readonly file: string | undefined;
};

/** Of each account a checksum: a key in which one byte has changed is refused, and nobody would know why. */
type StoredAccount = CreatedAccount & { readonly crc32: number };

const crc32Of = (account: CreatedAccount) => crc32(JSON.stringify(account));

/** False if all tables are younger than the file: they were made anew and hold none of its accounts. */
async function areStillKnown(file: string, proxyUrl: string): Promise<boolean> {
  const ask = <Answer>(operation: string, input: object) =>
    callEngine<Answer>(proxyUrl, 'dynamodb', operation, input);
  const { mtimeMs } = await stat(file);
  const { TableNames } = await ask<{ TableNames: readonly string[] }>('ListTables', {});
  const tables = await Promise.all(
    TableNames.map((TableName) =>
      ask<{ Table: { CreationDateTime: number } }>('DescribeTable', { TableName }),
    ),
  );
  return tables.some(({ Table }) => Table.CreationDateTime * 1000 <= mtimeMs);
}

export async function ensureDemoAccounts(options: DemoAccountsOptions): Promise<readonly CreatedAccount[]> {
  const { stage, proxyUrl, accountIds, file } = options;
  const stored = new StoredJson<readonly StoredAccount[]>([], file, { mode: 0o600, isBare: true });
  await stored.load();
  if (file !== undefined && stored.value.length > 0) {
    const accounts = stored.value.map(({ crc32: _, ...account }) => account);
    if (accounts.some((account, index) => crc32Of(account) !== stored.value[index]?.crc32))
      throw new DamagedData(file, 'it does not hold what was written');
    if (await areStillKnown(file, proxyUrl)) return accounts;
  }
  // Imported only here: a start with known accounts needs no AWS client.
  const [{ connectOperator }, { AccountExists, createAccount }, { setAccount }, { addMember }] =
    await Promise.all([
      import('../cli/operator.ts'),
      import('../cli/account/create.ts'),
      import('../cli/account/set.ts'),
      import('../cli/member/add.ts'),
    ]);
  const operator = await connectOperator({
    stage,
    endpoint: proxyUrl,
    region: twinAccount.region,
    credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
  });
  const create = (account_id: string) =>
    createAccount(operator, {
      account_id,
      environment: 'production',
      tier: 'standard',
      scopes: ['ingest', 'read'],
    });
  const accounts: CreatedAccount[] = [];
  for (const accountId of accountIds) {
    try {
      accounts.push(await create(accountId));
    } catch (error) {
      if (!(error instanceof AccountExists)) throw error;
      // A start was killed after it made the account and before it wrote the key: that key is lost.
      accounts.push(await create(`${accountId}-${randomBytes(3).toString('hex')}`));
    }
  }
  // So that /_weir/bad has rejected events as they were sent.
  for (const { account_id } of accounts)
    await setAccount(operator, account_id, { limits: { keepRejectedDays } });
  const [first] = accounts;
  if (first) await addMember(operator, first.account_id, demoOwner, 'owner');
  await stored.replace(accounts.map((account) => ({ ...account, crc32: crc32Of(account) })));
  return accounts;
}
