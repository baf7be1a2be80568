// The query of a request, strictly: what is unknown, or given twice, is refused by its name. A typing error must not be
// answered as if the parameter were absent.

import { type HttpRequest, ProblemError } from './http.ts';

/** Every parameter that is given, once each, and none that is not known. */
export function queryOf<Name extends string>(
  request: Pick<HttpRequest, 'multiValueQueryStringParameters'>,
  ...known: readonly Name[]
): Partial<Record<Name, string>> {
  const query: Partial<Record<Name, string>> = {};
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
