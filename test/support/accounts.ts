// Creates an account of any tier on a running twin, as an operator does.

import { type CreatedAccount, createAccount } from '../../cli/account/create.ts';
import { connectOperator } from '../../cli/operator.ts';
import type { TierName } from '../../domain/accounts/tiers.ts';

export async function createAccountOn(
  twin: { readonly proxyUrl: string },
  account_id: string,
  tier: TierName,
): Promise<CreatedAccount> {
  const operator = await connectOperator({
    stage: 'dev',
    endpoint: twin.proxyUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
  });
  return createAccount(operator, { account_id, environment: 'production', tier, scopes: ['ingest', 'read'] });
}
