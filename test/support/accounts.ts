// An operator of a running twin, and accounts of any tier that he creates; also one on another plan than its tier's.

import { type CreatedAccount, createAccount } from '../../cli/account/create.ts';
import { connectOperator, type Operator } from '../../cli/operator.ts';
import type { Rung, TierName } from '../../domain/accounts/tiers.ts';

type Twin = { readonly proxyUrl: string };

export const operatorOf = (twin: Twin): Promise<Operator> =>
  connectOperator({
    stage: 'dev',
    endpoint: twin.proxyUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
  });

export async function createAccountOn(
  twin: Twin,
  account_id: string,
  tier: TierName,
  rung?: Rung,
): Promise<CreatedAccount> {
  const operator = await operatorOf(twin);
  const onRung = { ...operator, output: () => operator.output(`UsagePlanRate${rung}`) };
  return createAccount(rung === undefined ? operator : onRung, {
    account_id,
    environment: 'production',
    tier,
    scopes: ['ingest', 'read'],
  });
}
