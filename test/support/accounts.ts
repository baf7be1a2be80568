// Creates an account of any tier on a running twin, as an operator does; also one on another plan than its tier's.

import { type CreatedAccount, createAccount } from '../../cli/account/create.ts';
import { connectOperator } from '../../cli/operator.ts';
import type { Rung, TierName } from '../../domain/accounts/tiers.ts';

export async function createAccountOn(
  twin: { readonly proxyUrl: string },
  account_id: string,
  tier: TierName,
  rung?: Rung,
): Promise<CreatedAccount> {
  const operator = await connectOperator({
    stage: 'dev',
    endpoint: twin.proxyUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
  });
  const onRung = { ...operator, output: () => operator.output(`UsagePlanRate${rung}`) };
  return createAccount(rung === undefined ? operator : onRung, {
    account_id,
    environment: 'production',
    tier,
    scopes: ['ingest', 'read'],
  });
}
