// The query of a request, strictly: what is unknown, or given twice, is refused by its name. A typing error must not be
// answered as if the parameter were absent.

import { type QueryName, queryNamesOf, type RouteName } from '../../domain/api/routes.ts';
import { type HttpRequest, ProblemError } from './http.ts';

/** Every parameter that is given, once each, and none that the route does not take. */
export function queryOf<Name extends RouteName>(
  request: Pick<HttpRequest, 'multiValueQueryStringParameters'>,
  route: Name,
): Partial<Record<QueryName<Name>, string>> {
  const known = queryNamesOf(route);
  const query: Partial<Record<QueryName<Name>, string>> = {};
  for (const [name, given] of Object.entries(request.multiValueQueryStringParameters ?? {})) {
    const own = known.find((each) => each === name);
    if (own === undefined) throw wrongParameter(name, 'is not known here');
    if (given?.length !== 1) throw wrongParameter(name, 'must be given once');
    query[own] = String(given[0]);
  }
  return query;
}

/** A name is the client's own, so that it may be of any length. */
const longestName = 64;

export function wrongParameter(name: string, fault: string): ProblemError {
  const parameter = name.slice(0, longestName);
  return new ProblemError('invalid_parameter', { parameter, detail: `"${parameter}" ${fault}.` });
}
