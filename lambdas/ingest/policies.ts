// The personal-data policy of a caller, compiled once per function instance: the policy behind a name never changes.

import { type AppliedPolicy, compilePolicy } from '../../domain/personal-data/personal-data.ts';
import type { Policies } from '../../domain/personal-data/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

const maxKept = 200;

export type PolicyOf = (account: string, name: string | undefined) => Promise<AppliedPolicy | undefined>;

export function createPolicyLookup(policies: Pick<Policies, 'find'>): PolicyOf {
  const kept = new Map<string, AppliedPolicy>();
  return async (account, name) => {
    if (name === undefined) return undefined;
    const key = `${account}#${name}`;
    const known = kept.get(key);
    if (known) return known;
    const policy = await policies.find(account, name);
    // The batch must not be accepted without its policy: personal data that the policy forbids would be stored.
    if (!policy)
      throw new Unavailable('The personal-data policy that the account names is missing from its table.');
    if (kept.size >= maxKept) kept.clear();
    const applied = compilePolicy(policy);
    kept.set(key, applied);
    return applied;
  };
}
