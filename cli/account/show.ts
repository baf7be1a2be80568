// `weir account show`: the settings of an account.

import type { Account, AccountStatus } from '../../domain/accounts/accounts.ts';
import { stateOf } from '../../domain/accounts/api-keys.ts';
import type { TierName } from '../../domain/accounts/tiers.ts';
import type { Operator } from '../operator.ts';
import { findAccount } from '../tenants.ts';
import { defineVerb, requiredAccount } from '../verb.ts';

/** The plan key is left out: it is no secret, and of no use to anybody. */
export type ShownAccount = {
  readonly account_id: string;
  readonly status: AccountStatus;
  readonly tier: TierName;
  readonly slots: number;
  readonly retention_days: number;
  readonly generation: number;
  readonly policy_name: string | null;
  readonly signing: boolean;
};

export const toShownAccount = (account: Account): ShownAccount => ({
  account_id: account.id,
  status: account.status,
  tier: account.tier,
  slots: account.slots,
  retention_days: account.retentionDays,
  generation: account.generation,
  policy_name: account.policy ?? null,
  signing: account.signing !== undefined,
});

type AccountWithKeys = ShownAccount & {
  readonly live_keys: number;
  readonly environments: readonly string[];
};

async function showAccount(operator: Operator, account_id: string): Promise<AccountWithKeys> {
  const account = await findAccount(operator, account_id);
  const nowMs = operator.clock.now();
  const keys = (await operator.keys.list(account_id)).map(({ key }) => key);
  return {
    ...toShownAccount(account),
    live_keys: keys.filter((key) => stateOf(key, nowMs) === 'live').length,
    environments: [...new Set(keys.map(({ environment }) => environment))].toSorted(),
  };
}

export const accountShow = defineVerb({
  words: ['account', 'show'],
  summary: 'show the settings of an account',
  examples: ['account show --account acme'],
  options: (command) => command.addOption(requiredAccount()),
  run: async (operator, { account }) => {
    const shown = await showAccount(operator, account);
    const text = [
      `account       ${shown.account_id}`,
      `status        ${shown.status}`,
      `tier          ${shown.tier}`,
      `slots         ${shown.slots}`,
      `retention     ${shown.retention_days} days`,
      `environments  ${shown.environments.join(', ')}`,
      `live keys     ${shown.live_keys}`,
      `policy        ${shown.policy_name ?? 'none'}`,
      `signing       ${shown.signing ? 'has signing secrets' : 'none'}`,
    ];
    return { json: shown, text: text.join('\n') };
  },
});
