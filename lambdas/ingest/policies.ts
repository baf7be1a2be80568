// The personal-data policy of a caller, compiled once per function instance: the policy behind a name never changes.

import { type AppliedPolicy, compilePolicy } from '../../domain/personal-data/personal-data.ts';
import type { Policies } from '../../domain/personal-data/port.ts';
import { compileRejectedViews, type RejectedViews } from '../../domain/rejections/rejected-views.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

const maxKept = 200;

export type PolicyOf = (account: string, name: string | undefined) => Promise<AppliedPolicy | undefined>;
export type RejectedViewsOf = (account: string, name: string | undefined) => Promise<RejectedViews>;

type Compiled = { readonly applied: AppliedPolicy; readonly rejectedViews: () => RejectedViews };

export function createPolicyLookup(policies: Pick<Policies, 'find'>): {
  readonly policyOf: PolicyOf;
  readonly rejectedViewsOf: RejectedViewsOf;
} {
  const kept = new Map<string, Compiled>();
  const withoutPolicy = once(() => compileRejectedViews());
  const find = async (account: string, name: string): Promise<Compiled> => {
    const key = `${account}#${name}`;
    const known = kept.get(key);
    if (known) return known;
    const policy = await policies.find(account, name);
    // The batch must not be accepted without its policy: personal data that the policy forbids would be stored.
    if (!policy)
      throw new Unavailable('The personal-data policy that the account names is missing from its table.');
    if (kept.size >= maxKept) kept.clear();
    const compiled = {
      applied: compilePolicy(policy),
      rejectedViews: once(() => compileRejectedViews(policy)),
    };
    kept.set(key, compiled);
    return compiled;
  };
  return {
    policyOf: async (account, name) => (name === undefined ? undefined : (await find(account, name)).applied),
    rejectedViewsOf: async (account, name) =>
      name === undefined ? withoutPolicy() : (await find(account, name)).rejectedViews(),
  };
}

/** Made when it is needed: most batches are valid. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
