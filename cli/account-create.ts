// `weir account create`: an account, its place in the ladder of usage plans, and its first key. The secret is
// shown once: only its hash is kept.

import {
  formatSecret,
  hashSecret,
  keyIdFrom,
  keyIdRandomBytes,
  secretRandomBytes,
} from '../domain/accounts/accounts.ts';
import { type TierName, tiers } from '../domain/accounts/tiers.ts';
import type { Scope } from '../domain/api/routes.ts';
import { isAccountId, isEnvironment } from '../domain/keys.ts';
import type { Operator } from './operator.ts';

export type AccountRequest = {
  readonly account_id: string;
  readonly environment: string;
  readonly tier: TierName;
  readonly scopes: readonly Scope[];
};

export type CreatedAccount = {
  readonly account_id: string;
  readonly environment: string;
  readonly api_key: string;
  readonly scopes: readonly Scope[];
};

/** What the operator asked for cannot be done; the message says what would be right. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export async function createAccount(operator: Operator, request: AccountRequest): Promise<CreatedAccount> {
  const { account_id, environment, scopes } = request;
  if (!isAccountId(account_id)) {
    throw new Refused('An account id is 1-63 of a-z, 0-9 and "-", and begins with a letter or digit.');
  }
  if (!isEnvironment(environment)) {
    throw new Refused('An environment is 1-32 of a-z, 0-9 and "-", and begins with a letter.');
  }
  if (await operator.accounts.findAccount(account_id))
    throw new Refused(`${isThere(account_id)} Nothing was changed.`);
  const tier = tiers[request.tier];
  const planKey = Buffer.from(operator.random.bytes(20)).toString('hex');
  const usagePlan = operator.output(`UsagePlanRate${tier.requestsPerSecond}`);
  await operator.planKeys.attach(`weir-${operator.stage}-${account_id}`, planKey, usagePlan);
  const keyId = keyIdFrom(operator.random.bytes(keyIdRandomBytes));
  const api_key = formatSecret(environment, keyId, operator.random.bytes(secretRandomBytes));
  const created = await operator.accounts.create(
    {
      id: account_id,
      tier: request.tier,
      status: 'active',
      slots: tier.slots,
      retentionDays: tier.retentionDays,
      planKey,
    },
    { id: keyId, account: account_id, environment, scopes, status: 'active', hash: hashSecret(api_key) },
  );
  if (!created) {
    const left = `weir-${operator.stage}-${account_id}`;
    throw new Refused(`${isThere(account_id)} An API Gateway key ${left} was made for nothing; delete it.`);
  }
  return { account_id, environment, api_key, scopes };
}

const isThere = (account: string) => `The account ${account} is there already; choose another id.`;
