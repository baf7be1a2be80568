// Finds the account that a secret belongs to, or that a person is a member of, and decides whether he may call the route.
// The answer names the account's usage-plan key, so that API Gateway throttles per account, whoever calls for it.

import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import {
  type Account,
  isSuspendedFor,
  planKeyAt,
  settingsOf,
  slotsAt,
} from '../../domain/accounts/accounts.ts';
import { parseSecret, secretMatches } from '../../domain/accounts/secrets.ts';
import { type ProblemCode, problems } from '../../domain/api/problems.ts';
import { acceptsEvents, allows, findRoute, leastRoleOf } from '../../domain/api/routes.ts';
import { eventsPerMinuteAt, type OffPeak } from '../../domain/limits/off-peak.ts';
import type { Clock } from '../../domain/system/port.ts';
import {
  type Caller,
  type KeyCaller,
  limitsOf,
  type PersonCaller,
  pageOf,
  toContext,
} from '../edge/caller.ts';
import { headerOf } from '../edge/http.ts';
import type { NoteRevokedUse } from './note-revoked-use.ts';
import type { NoteUse } from './note-use.ts';
import type { People } from './people.ts';
import type { Principals, ReadPrincipal, RevokedKey } from './principals.ts';
import { isToken } from './tokens.ts';

/**
 * API Gateway answers 401 only for an error with exactly this message. Lambda logs the stack of what is thrown, so that
 * it has none: the log of a flood of wrong keys costs money. One for all, because making an error takes time, too.
 */
const unauthorized = Object.assign(new Error('Unauthorized'), {
  name: 'Unauthorized',
  stack: 'Unauthorized',
});

type Resolved = {
  readonly caller: Caller;
  readonly planKey: string;
  readonly account: Account;
  /** Of a public key. */
  readonly origins?: readonly string[] | undefined;
};
/** A person whose account is not told, or none of his. */
type Unresolved = { readonly person: string; readonly refusal: ProblemCode };

export type AuthorizeDeps = {
  readonly principals: Principals;
  readonly noteUse: NoteUse;
  readonly noteRevokedUse: NoteRevokedUse;
  readonly people: People;
  /** When accounts may send more events than their limits say. */
  readonly offPeak?: OffPeak | undefined;
  readonly clock: Pick<Clock, 'now'>;
};

export const createAuthorize =
  (deps: AuthorizeDeps) =>
  async (event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    const credential = credentialIn(event.headers);
    const resolved =
      credential.bearer !== undefined && isToken(credential.bearer)
        ? await resolvePerson(deps, credential.bearer, event)
        : await resolveKey(deps, credential.secret ?? credential.bearer, event);
    if ('refusal' in resolved) return deny(resolved, event, resolved.refusal);
    const refusal = refusalOf(resolved, event);
    if (refusal) return deny(resolved, event, refusal);
    return {
      principalId: principalIdOf(resolved),
      policyDocument: policy('Allow', event.methodArn),
      context: toContext(resolved.caller),
      usageIdentifierKey: resolved.planKey,
    };
  };

type Headers = APIGatewayRequestAuthorizerEvent['headers'];

const bearerPattern = /^Bearer +(\S+)$/i;

const basicPattern = /^Basic +([A-Za-z0-9+/]{1,400}={0,2})$/i;

/**
 * From `x-api-key`, from `Authorization: Bearer`, which can also be the token of a person, or from `Authorization: Basic` as
 * the name of the user, which is how clients of Segment send it.
 */
function credentialIn(headers: Headers): { readonly secret?: string; readonly bearer?: string } {
  const request = { headers: headers ?? {} };
  const secret = headerOf(request, 'x-api-key');
  if (secret !== undefined) return { secret };
  const authorization = headerOf(request, 'authorization') ?? '';
  const [, bearer] = bearerPattern.exec(authorization) ?? [];
  if (bearer !== undefined) return { bearer };
  const [, basic] = basicPattern.exec(authorization) ?? [];
  if (basic === undefined) return {};
  const [user = ''] = Buffer.from(basic, 'base64').toString('latin1').split(':');
  return { secret: user };
}

async function resolveKey(
  { principals, noteUse, noteRevokedUse, ...deps }: AuthorizeDeps,
  secret: string | undefined,
  { headers }: APIGatewayRequestAuthorizerEvent,
): Promise<Resolved> {
  const read = await readPrincipal(principals, secret);
  const userAgent = headerOf({ headers: headers ?? {} }, 'user-agent');
  // Both of the right secret only: whoever knows no more than the id of a key has not used it.
  if ('revoked' in read) {
    await noteRevokedUse(read.revoked, userAgent);
    throw unauthorized;
  }
  await noteUse(read, userAgent);
  const { key, account } = read.principal;
  const who = { environment: key.environment, keyId: key.id, scopes: key.scopes };
  // Whether the key may send from there is decided later.
  const origin = headerOf({ headers: headers ?? {} }, 'origin') ?? '';
  const page = key.openTo && { origin, eventsPerMinute: key.openTo.eventsPerMinute };
  return { ...resolve(deps, account, { ...who, ...(page && { page }) }), origins: key.openTo?.origins };
}

async function readPrincipal(
  principals: Principals,
  secret: string | undefined,
): Promise<ReadPrincipal | RevokedKey> {
  const parsed = secret === undefined ? undefined : parseSecret(secret);
  if (secret === undefined || !parsed) throw unauthorized;
  const read = await principals(parsed);
  // The hash is of the whole secret, so that it also names the right environment and account.
  const key = read && ('revoked' in read ? read.revoked : read.principal.key);
  if (!read || !key || !secretMatches(secret, key.hash)) throw unauthorized;
  return read;
}

async function resolvePerson(
  { people, ...deps }: AuthorizeDeps,
  token: string,
  event: APIGatewayRequestAuthorizerEvent,
): Promise<Resolved | Unresolved> {
  const found = await people(token, event);
  if (!found) throw unauthorized;
  if ('refusal' in found) return found;
  const { account, ...who } = found;
  return resolve(deps, account, who);
}

type Who = { readonly environment: string } & (
  | Pick<KeyCaller, 'keyId' | 'scopes' | 'page'>
  | Pick<PersonCaller, 'person' | 'role' | 'roleBy'>
);

function resolve(
  { offPeak, clock }: Pick<AuthorizeDeps, 'offPeak' | 'clock'>,
  account: Account,
  { environment, ...who }: Who,
): Resolved {
  const nowMs = clock.now();
  const settings = settingsOf(account);
  return {
    caller: {
      tenant: { account: account.id, environment, generation: account.generation },
      ...who,
      tier: account.tier,
      ...slotsAt(account, nowMs),
      mostSlots: account.mostSlots,
      retentionDays: settings.retentionDays,
      ...(account.formerRetentions && { formerRetentions: account.formerRetentions }),
      ...limitsOf(settings),
      eventsPerMinute: eventsPerMinuteAt(settings.eventsPerMinute, offPeak, nowMs),
      limitsMode: account.limitsMode ?? 'enforce',
      ...(account.quotaMode && { quotaMode: account.quotaMode }),
      ...(settings.keepRejectedDays > 0 && { keepRejectedDays: settings.keepRejectedDays }),
      ...(account.policy && { policy: account.policy }),
      ...(account.signing && { signing: account.signing }),
    },
    planKey: planKeyAt(account, nowMs),
    account,
  };
}

function refusalOf(
  { account, caller, origins }: Resolved,
  event: APIGatewayRequestAuthorizerEvent,
): ProblemCode | undefined {
  if (isSuspendedFor(account, event.httpMethod)) return 'account_suspended';
  const route = findRoute(event.httpMethod, event.resource);
  if (origins && !(route && acceptsEvents(route))) return 'public_key';
  if (origins && !origins.includes(pageOf(caller)?.origin ?? '')) return 'origin_not_allowed';
  const isPerson = 'person' in caller;
  if (!route || !allows(route, isPerson ? caller.role : caller.scopes))
    return isPerson ? 'missing_role' : 'missing_scope';
  const accountInPath = event.pathParameters?.account_id;
  const isOther = accountInPath !== undefined && accountInPath !== caller.tenant.account;
  return isOther ? 'wrong_account' : undefined;
}

/** API Gateway fills its ACCESS_DENIED response from this context. */
function deny(
  resolved: Resolved | Unresolved,
  event: APIGatewayRequestAuthorizerEvent,
  code: ProblemCode,
): APIGatewayAuthorizerResult {
  const { title, detail: general } = problems[code];
  const detail = [general, ...neededFor(code, event)].join(' ');
  const isUnresolved = 'person' in resolved;
  const who = isUnresolved ? { person: resolved.person } : toContext(resolved.caller);
  return {
    principalId: isUnresolved ? resolved.person : principalIdOf(resolved),
    policyDocument: policy('Deny', event.methodArn),
    context: { ...who, code, title, detail },
    ...(!isUnresolved && { usageIdentifierKey: resolved.planKey }),
  };
}

function neededFor(
  code: ProblemCode,
  { httpMethod, resource }: APIGatewayRequestAuthorizerEvent,
): readonly string[] {
  const route = findRoute(httpMethod, resource);
  if (!route) return [];
  const scopes = route.anyOf.join(' or ');
  const role = leastRoleOf(route);
  if (code === 'missing_scope')
    return [route.peopleOnly ? `It takes a person with the role ${role}.` : `It needs ${scopes}.`];
  if (code !== 'missing_role') return [];
  return [role ? `It needs ${role}.` : `It takes an API key with the scope ${scopes}.`];
}

const principalIdOf = ({ caller }: Resolved): string => ('person' in caller ? caller.person : caller.keyId);

const policy = (Effect: 'Allow' | 'Deny', Resource: string) => ({
  Version: '2012-10-17',
  Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }],
});
