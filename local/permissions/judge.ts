// Whether a role may do something, and which of its grants says so. A denial that is said wins over any grant, and what
// nothing grants is denied.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

import type { CallContext } from './context-keys.ts';
import type { Role } from './roles.ts';
import type { Pattern, Statement } from './statements.ts';

/** One action or resource of a call. */
export type Need = {
  /** As `dynamodb:PutItem`. */
  readonly action: string;
  readonly resource: string;
  readonly context?: CallContext;
};

/** One action on one resource, of one statement: as small as what may go unused. */
export type Grant = {
  readonly action: Pattern;
  readonly resource: Pattern;
  readonly condition: Statement['condition'];
};

export type Verdict = { readonly grant: Grant } | { readonly denied: 'explicitly' | 'implicitly' };

export type Judge = {
  readonly grants: readonly Grant[];
  /** May throw NeedNotModelled, where a condition asks for what nobody can tell of the call. */
  judge(need: Need): Verdict;
};

/** Objects have a resource each: what is remembered of them begins anew at some point. */
const mostRemembered = 5000;

export function createJudge({ statements }: Pick<Role, 'statements'>): Judge {
  const denials = statements.filter(({ effect }) => effect === 'Deny').flatMap(split);
  const grants = statements.filter(({ effect }) => effect === 'Allow').flatMap(split);
  const remembered = new Map<string, Verdict>();
  const judge = (need: Need): { readonly verdict: Verdict; readonly depends: boolean } => {
    let depends = false;
    const speaksOf = ({ action, resource, condition }: Grant) => {
      if (!action.matches(need.action) || !resource.matches(need.resource)) return false;
      if (condition === undefined) return true;
      depends = true;
      return condition.holds(need.context ?? {});
    };
    if (denials.some(speaksOf)) return { verdict: { denied: 'explicitly' }, depends };
    // The first alone counts as used: one that another before it covers could go.
    const grant = grants.find(speaksOf);
    return { verdict: grant === undefined ? { denied: 'implicitly' } : { grant }, depends };
  };
  return {
    grants,
    judge: (need) => {
      const name = `${need.action} ${need.resource}`;
      const known = remembered.get(name);
      if (known !== undefined) return known;
      const { verdict, depends } = judge(need);
      if (depends) return verdict;
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(name, verdict);
      return verdict;
    },
  };
}

function split({ actions, resources, condition }: Statement): readonly Grant[] {
  return actions.flatMap((action) => resources.map((resource) => ({ action, resource, condition })));
}
