// The API Gateway keys of an account. A key is never moved to another plan: AWS lets it be on one plan of a stage, and takes
// minutes to tie it, so that requests would be refused meanwhile. A new key is made, and used once it is tied. A run that is
// interrupted leaves a key that no account uses; the next one takes or removes it, by its name.

import { type Account, usesPlanKey } from '../../domain/accounts/accounts.ts';
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

/** Makes what of the account's key is missing, and removes the keys that the account does not use. */
export async function settleKeys(operator: Operator, account: Account, usagePlan: string): Promise<void> {
  const { planKeys, clock } = operator;
  const name = nameOf(operator, account.id);
  const found = await planKeys.find(name);
  const own =
    found.find(({ value }) => value === account.planKey) ?? (await planKeys.create(name, account.planKey));
  if ((await planKeys.planOf(own)) === undefined) await planKeys.attach(own, usagePlan);
  const nowMs = clock.now();
  for (const key of found) if (!usesPlanKey(account, key.value, nowMs)) await planKeys.remove(key);
}

/** Of an account that is not there. Returns how many there were. */
export async function removeKeys(operator: Operator, accountId: string): Promise<number> {
  const found = await operator.planKeys.find(nameOf(operator, accountId));
  for (const key of found) await operator.planKeys.remove(key);
  return found.length;
}
