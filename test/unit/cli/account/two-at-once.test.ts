// Two verbs on one account at the same time: whichever of its calls the first one pauses before, while the second one runs,
// in the end the account has the API Gateway keys that it uses. Without one, all its requests would be refused.

import { expect, it } from 'vitest';
import { createAccount } from '../../../../cli/account/create.ts';
import { deleteAccount } from '../../../../cli/account/delete.ts';
import { setAccount } from '../../../../cli/account/set.ts';
import type { Operator } from '../../../../cli/operator.ts';
import { planKeyAt, settingsOf } from '../../../../domain/accounts/accounts.ts';
import { startOperator } from '../operator-fixture.ts';

type Run = (operator: Operator) => Promise<unknown>;
const set =
  (requestsPerSecond: 50 | 100 | 250): Run =>
  (by) =>
    setAccount(by, 'acme', { limits: { requestsPerSecond } });
const create: Run = (by) =>
  createAccount(by, { account_id: 'acme', environment: 'production', tier: 'standard', scopes: ['read'] });
const remove: Run = (by) => deleteAccount(by, 'acme', true);

/** Runs `meanwhile` before the call of this number. */
function pausing(operator: Operator, atCall: number, meanwhile: () => Promise<unknown>) {
  let made = 0;
  const port = <Port extends object>(members: Port): Port =>
    new Proxy(members, {
      get: (_, name) => {
        const member = Reflect.get(members, name, members);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]) => {
          made += 1;
          if (made === atCall) await meanwhile();
          return member.apply(members, given);
        };
      },
    });
  const paused = { ...operator, accounts: port(operator.accounts), planKeys: port(operator.planKeys) };
  return { paused, wasPaused: () => made >= atCall };
}

it.each([
  ['set and set', [create], set(100), set(250)],
  ['set and the same set', [create], set(100), set(100)],
  ['set and set back', [create, set(250)], set(100), set(50)],
  ['set and delete', [create], set(100), remove],
  ['delete and set', [create], remove, set(100)],
  ['delete and create', [create], remove, create],
  ['a second delete and create', [create, remove], remove, create],
  ['create and create', [], create, create],
  ['create and delete', [], create, remove],
] as const)('%s at once leave the account the keys that it uses', async (_, before, first, second) => {
  for (let atCall = 1; ; atCall += 1) {
    const { accounts, clock, operator, planKeys } = startOperator();
    for (const run of before) await run(operator);
    const { paused, wasPaused } = pausing(operator, atCall, () => second(operator).catch(() => {}));
    const failure = await first(paused).catch((error) => error);
    if (!wasPaused()) break;
    // A key that the second one has made is not made again.
    expect(String(failure), `paused before call ${atCall}`).not.toContain('The value is taken');

    const account = await accounts.findAccount('acme');
    const keys = planKeys.stored('weir-dev-acme');
    const where = `paused before call ${atCall}`;
    if (!account) {
      expect(keys, where).toEqual([]);
      continue;
    }
    const { requestsPerSecond } = settingsOf(account);
    const values = keys.map(({ value }) => value);
    expect(keys.find(({ value }) => value === account.planKey)?.plan, where).toBe(
      `output:UsagePlanRate${requestsPerSecond}`,
    );
    expect(values, where).toContain(planKeyAt(account, clock.nowMs));
  }
});
