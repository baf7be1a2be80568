// The personal-data policy of a caller, compiled once an instance: a policy never changes under its name.

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
    // Never taken for an account without one: what it forbids would be stored.
    if (!policy) throw new Unavailable('The personal-data policy of an account is not where it should be.');
    if (kept.size >= maxKept) kept.clear();
    const applied = compilePolicy(policy);
    kept.set(key, applied);
    return applied;
  };
}
