// The problems that a route can answer: its own, those of the authorizer, and those of the gateway.

import { type Problem, type ProblemCode, problems } from '../../domain/api/problems.ts';
import { acceptsEvents, type Route, routeNameOf, type routes } from '../../domain/api/routes.ts';
import { operationOf } from './operations/operations.ts';

/** Of the gateway and its firewall, and of any function. */
const ofEveryRoute = [
  'bad_request',
  'forbidden',
  'rate_limited',
  'internal',
  'unavailable',
  'timeout',
] as const satisfies readonly ProblemCode[];

/** Of the authorizer. A token of a person can be sent to any route. */
const ofKeyedRoutes = [
  'unauthorized',
  'missing_scope',
  'wrong_account',
  'missing_role',
  'account_required',
  'not_a_member',
  'invalid_environment',
  'account_suspended',
] as const satisfies readonly ProblemCode[];

/** In the order of problems.ts. */
export function problemsOf(route: (typeof routes)[number]): readonly ProblemCode[] {
  const { anyOf }: Route = route;
  const codes: ReadonlySet<ProblemCode> = new Set([
    ...ofEveryRoute,
    ...(anyOf.length > 0 ? ofKeyedRoutes : []),
    ...(anyOf.length === 0
      ? []
      : acceptsEvents(route)
        ? (['origin_not_allowed'] as const)
        : (['public_key'] as const)),
    ...operationOf(routeNameOf(route)).problems,
  ]);
  return (Object.keys(problems) as ProblemCode[]).filter((code) => codes.has(code));
}

export const canWait = (code: ProblemCode): boolean => (problems[code] as Problem).retryAfter !== undefined;
