// An operator of a running twin, and accounts of any tier that he creates; also one on another plan than its tier's.

import { type CreatedAccount, createAccount } from '../../cli/account/create.ts';
import { connectOperator, type Operator } from '../../cli/operator.ts';
import type { Rung, TierName } from '../../domain/accounts/tiers.ts';
import { rememberRandom } from './logs.ts';

type Twin = { readonly proxyUrl: string };

export async function operatorOf(twin: Twin, stage = 'dev'): Promise<Operator> {
  const operator = await connectOperator({
    stage,
    endpoint: twin.proxyUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
  });
  // No log may have what he makes secrets of.
  const random: Operator['random'] = { bytes: (count) => rememberRandom(operator.random.bytes(count)) };
  return { ...operator, random };
}

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
