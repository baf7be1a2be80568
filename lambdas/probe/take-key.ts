// The secret of the probe is in the memory of one instance only. Each instance makes it anew, and with that ends the one of
// the instance before. The first one also makes the account.

import { type Account, firstSlots } from '../../domain/accounts/accounts.ts';
import type { ApiKey } from '../../domain/accounts/api-keys.ts';
import { type Auditor, auditEntries, auditedAccount } from '../../domain/accounts/audit.ts';
import { keyCreated } from '../../domain/accounts/key-changes.ts';
import type { Accounts } from '../../domain/accounts/port.ts';
import { makeProbeKey, probeAccount } from '../../domain/accounts/probe-account.ts';
import { tiers } from '../../domain/accounts/tiers.ts';
import type { Clock } from '../../domain/system/port.ts';

export type KeyDeps = {
  readonly accounts: Pick<Accounts, 'findAccount' | 'generationOf' | 'create'>;
  readonly keys: { replace(key: ApiKey): Promise<void> };
  readonly auditor: Auditor;
  readonly clock: Pick<Clock, 'now'>;
  /** The value of the API Gateway key that ties the account to its usage plan. */
  readonly planKey: string;
};

/** Resolves to the secret. */
export async function takeKey({ accounts, keys, auditor, clock, planKey }: KeyDeps): Promise<string> {
  const nowMs = clock.now();
  const found = await accounts.findAccount(probeAccount);
  const generation = found?.generation ?? (await accounts.generationOf(probeAccount));
  const { key, secret } = makeProbeKey({ generation }, auditor.random, nowMs);
  if (found === undefined) {
    const account: Account = {
      id: probeAccount,
      createdAtMs: nowMs,
      tier: 'standard',
      overrides: {},
      status: 'active',
      ...firstSlots(tiers.standard.slots, 'standard'),
      generation,
      planKey,
    };
    const entries = auditEntries(auditor, nowMs, [
      { account: probeAccount, what: 'account.created', after: auditedAccount(account) },
      keyCreated(key),
    ]);
    if (await accounts.create(account, key, entries)) return secret;
  }
  await keys.replace(key);
  return secret;
}
