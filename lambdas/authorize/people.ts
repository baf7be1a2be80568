// In which account and environment a request of a person is, and with which role. The account is that of the path, else that
// of the header, else the only one that he is a member of. The environment is one that the account has: limits hold in each
// by itself, so that people must not invent any.

import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { Account } from '../../domain/accounts/accounts.ts';
import type { Membership, Memberships } from '../../domain/accounts/port.ts';
import type { ProblemCode } from '../../domain/api/problems.ts';
import { authorizeTimeMs } from '../../domain/api/routes.ts';
import { isAccountId, isEnvironment } from '../../domain/keys.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import type { PersonCaller } from '../edge/caller.ts';
import { headerOf } from '../edge/http.ts';
import type { Identified, Tokens } from './tokens.ts';

const accountHeader = 'x-weir-account';
const environmentHeader = 'x-weir-environment';
const usualEnvironment = 'production';

export type Person = { readonly person: string } & (
  | ({ readonly account: Account; readonly environment: string } & Pick<PersonCaller, 'role' | 'roleBy'>)
  | { readonly refusal: ProblemCode }
);

/** Undefined if the token names nobody. Throws Unavailable if that cannot be told. */
export type People = (
  token: string,
  request: Pick<APIGatewayRequestAuthorizerEvent, 'headers' | 'pathParameters'>,
) => Promise<Person | undefined>;

/** Of a stage that has none. */
export const noPeople: People = async () => undefined;

export const createPeople =
  (tokens: Tokens, memberships: Memberships): People =>
  (token, request) =>
    inTime(async () => {
      const identified = await tokens(token);
      if (!identified) return undefined;
      const { person } = identified;
      const headers = { headers: request.headers ?? {} };
      const environment = headerOf(headers, environmentHeader) ?? usualEnvironment;
      if (!isEnvironment(environment)) return { person, refusal: 'invalid_environment' };
      const named = request.pathParameters?.account_id ?? headerOf(headers, accountHeader);
      const accounts = named === undefined ? await accountsOf(memberships, identified) : [named];
      const [id] = accounts;
      if (id === undefined) return { person, refusal: 'not_a_member' };
      if (accounts.length > 1) return { person, refusal: 'account_required' };
      const { account, role, hasEnvironment } = await membershipIn(memberships, identified, id, environment);
      // The same for an account that is not there.
      if (!account || !role) return { person, refusal: 'wrong_account' };
      if (!hasEnvironment) return { person, refusal: 'invalid_environment' };
      const roleBy = identified.roles ? 'claim' : 'membership';
      return { person, account, environment, role, roleBy };
    });

/** Two, if there are several. */
async function accountsOf(
  memberships: Memberships,
  { person, roles }: Identified,
): Promise<readonly string[]> {
  return roles ? [...roles.keys()] : memberships.accountsOf(person, 2);
}

async function membershipIn(
  memberships: Memberships,
  { person, roles }: Identified,
  id: string,
  environment: string,
): Promise<Membership> {
  if (!isAccountId(id)) return {};
  if (!roles) return memberships.find(person, id, environment);
  const role = roles.get(id);
  // Without a read for an account that the claim does not name.
  return role ? { ...(await memberships.find(person, id, environment)), role } : {};
}

/** The read of the issuer's keys and those of the table come one after another: together they could take longer. */
const longestMs = authorizeTimeMs - 300;

/** So that a caller gets a 503, and the function is not timed out and started anew. */
function inTime<T>(work: () => Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(
    () => reject(new Unavailable(`Who calls was not told within ${longestMs} ms`)),
    longestMs,
  );
  work()
    .then(resolve, reject)
    .finally(() => clearTimeout(timer));
  return promise;
}
