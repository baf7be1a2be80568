// Whether a role may do something, and by which grant. An explicit deny wins over any grant, and what nothing grants is
// denied.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

import type { CallContext } from './conditions.ts';
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

export type Decision = { readonly grant: Grant } | { readonly denied: 'explicitly' | 'implicitly' };

export type PolicyEvaluator = {
  readonly grants: readonly Grant[];
  /** May throw NeedNotModelled, where a condition needs what cannot be known of the call. */
  evaluate(need: Need): Decision;
};

export function createPolicyEvaluator({ statements }: Pick<Role, 'statements'>): PolicyEvaluator {
  const denials = statements.filter(({ effect }) => effect === 'Deny').flatMap(split);
  const grants = statements.filter(({ effect }) => effect === 'Allow').flatMap(split);
  return {
    grants,
    evaluate: (need) => {
      const speaksOf = ({ action, resource, condition }: Grant) =>
        action.matches(need.action) &&
        resource.matches(need.resource) &&
        (condition === undefined || condition.holds(need.context ?? {}));
      if (denials.some(speaksOf)) return { denied: 'explicitly' };
      // The first alone counts as used: one that another before it covers could go.
      const grant = grants.find(speaksOf);
      return grant === undefined ? { denied: 'implicitly' } : { grant };
    },
  };
}

function split({ actions, resources, condition }: Statement): readonly Grant[] {
  return actions.flatMap((action) => resources.map((resource) => ({ action, resource, condition })));
}
