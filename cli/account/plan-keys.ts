// The API Gateway keys of an account. A key is never moved to another plan: AWS lets it be on one plan of a stage, and takes
// minutes to tie it, so that requests would be refused meanwhile. A new key is made, and used once it is tied. A run that is
// interrupted leaves a key that no account uses; the next one takes or removes it, by its name.

import { type Account, settingsOf, usesPlanKey } from '../../domain/accounts/accounts.ts';
import type { PlanKey } from '../../domain/accounts/port.ts';
import type { Rung } from '../../domain/accounts/tiers.ts';
import type { Operator } from '../operator.ts';

const nameOf = ({ stage }: Operator, account: string): string => `weir-${stage}-${account}`;

export const usagePlanOf = ({ output }: Operator, rung: Rung): string => output(`UsagePlanRate${rung}`);

/** The value of a key on this plan that the account does not use yet. */
export async function prepareKey(
  operator: Operator,
  accountId: string,
  usagePlan: string,
  isUsed: (value: string) => boolean,
): Promise<string> {
  const { planKeys, random } = operator;
  const name = nameOf(operator, accountId);
  for (const key of await planKeys.find(name)) {
    if (isUsed(key.value)) continue;
    const plan = await planKeys.planOf(key);
    if (plan !== undefined && plan !== usagePlan) continue;
    await planKeys.attach(key, usagePlan);
    return key.value;
  }
  const key = await planKeys.create(name, Buffer.from(random.bytes(20)).toString('hex'));
  await planKeys.attach(key, usagePlan);
  return key.value;
}

/** Whether the key of the account is on another plan. */
export async function isOnOtherPlan(
  operator: Operator,
  account: Account,
  usagePlan: string,
): Promise<boolean> {
  const found = await operator.planKeys.find(nameOf(operator, account.id));
  const key = found.find(({ value }) => value === account.planKey);
  const plan = key && (await operator.planKeys.planOf(key));
  return plan !== undefined && plan !== usagePlan;
}

/**
 * Makes what is missing of the account's key, and removes the keys that the account does not use; all, if there is none.
 * Another run may make the account use a key between the read and the removal. So after each removal all is looked at again,
 * until there was nothing to remove. Returns the account as it was found last.
 */
export async function settleKeys(operator: Operator, accountId: string): Promise<Account | undefined> {
  const { accounts, clock, planKeys } = operator;
  const name = nameOf(operator, accountId);
  const removed = new Set<string>();
  for (;;) {
    // Keys first: what an account of later uses is not among those that are removed, or comes into the next look.
    const found = (await planKeys.find(name)).filter(({ id }) => !removed.has(id));
    const account = await accounts.findAccount(accountId);
    const nowMs = clock.now();
    if (account) await makeKeyOf(operator, account, found);
    const unused = found.filter(({ value }) => !account || !usesPlanKey(account, value, nowMs));
    if (unused.length === 0) return account;
    for (const key of unused) {
      await planKeys.remove(key);
      removed.add(key.id);
    }
  }
}

async function makeKeyOf(operator: Operator, account: Account, found: readonly PlanKey[]): Promise<void> {
  const { planKeys } = operator;
  const name = nameOf(operator, account.id);
  const isOwn = ({ value }: PlanKey) => value === account.planKey;
  const own =
    found.find(isOwn) ??
    // It may have been made after the keys were read and before the account was.
    (await planKeys.find(name)).find(isOwn) ??
    (await planKeys.create(name, account.planKey));
  if ((await planKeys.planOf(own)) === undefined)
    await planKeys.attach(own, usagePlanOf(operator, settingsOf(account).requestsPerSecond));
}
