// The tenants that --account and --environment select.

import type { Account } from '../domain/accounts/accounts.ts';
import { isAccountId, isEnvironment, type Tenant } from '../domain/keys.ts';
import { CliError, UnknownAccount, WrongUse } from './errors.ts';
import type { Operator } from './operator.ts';

export type TenantFilter = {
  readonly account?: string | undefined;
  readonly environment?: string | undefined;
};

export class InvalidEnvironment extends WrongUse {
  constructor(environment: string) {
    super(
      `"${environment}" is not the name of an environment. Nothing was done.`,
      'An environment is 1-32 of a-z, 0-9 and "-", and begins with a letter; check --environment.',
    );
  }
}

/** The account never had a key for it, so it is probably misspelt, and an empty answer would look as if all were well. */
export class UnknownEnvironment extends CliError {
  constructor({ account, environment }: TenantFilter, known: readonly string[]) {
    const whose = account === undefined ? 'No key' : `No key of ${account}`;
    super(
      `${whose} is or was of environment "${environment}"; there are: ${known.join(', ') || 'none'}.`,
      'Check --environment, --account and --stage.',
    );
  }
}

/** In the order of their names. */
export async function findTenants({ accounts }: Operator, filter: TenantFilter): Promise<Tenant[]> {
  const { account, environment } = filter;
  if (account !== undefined) await findAccount({ accounts }, account);
  if (environment !== undefined && !isEnvironment(environment)) throw new InvalidEnvironment(environment);
  if (account !== undefined && environment !== undefined)
    return [await tenantOf({ accounts }, account, environment)];
  const tenants: Tenant[] = [];
  for await (const { tenant } of accounts.tenants()) if (isOf(tenant, filter)) tenants.push(tenant);
  const nameOf = (tenant: Tenant) => `${tenant.account} ${tenant.environment}`;
  return tenants.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

export const isOf = (tenant: TenantFilter, { account, environment }: TenantFilter): boolean =>
  (account === undefined || tenant.account === account) &&
  (environment === undefined || tenant.environment === environment);

/** In the generation in force. */
export async function tenantOf(
  operator: Pick<Operator, 'accounts'>,
  account: string,
  environment: string,
): Promise<Tenant> {
  const { generation } = await findAccount(operator, account);
  if (!isEnvironment(environment)) throw new InvalidEnvironment(environment);
  return { account, environment, generation };
}

export async function findAccount(
  { accounts }: Pick<Operator, 'accounts'>,
  account: string,
): Promise<Account> {
  const found = isAccountId(account) ? await accounts.findAccount(account) : undefined;
  if (!found) throw new UnknownAccount(account);
  return found;
}

/** For what outlives an account, such as its audit log. */
export async function assertWasThere(
  { accounts }: Pick<Operator, 'accounts'>,
  account: string,
): Promise<void> {
  const wasDeleted = isAccountId(account) && (await accounts.generationOf(account)) > 0;
  if (!wasDeleted) await findAccount({ accounts }, account);
}

/** Whether any key is or was of the environment; to be asked where an answer is empty. */
export async function assertHasKeys(
  { accounts }: Pick<Operator, 'accounts'>,
  { account, environment }: TenantFilter,
): Promise<void> {
  if (environment === undefined) return;
  const known = new Set<string>();
  for await (const { tenant } of accounts.tenants()) {
    if (isOf(tenant, { account })) known.add(tenant.environment);
  }
  if (!known.has(environment)) throw new UnknownEnvironment({ account, environment }, [...known].toSorted());
}
