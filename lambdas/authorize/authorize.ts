// Finds the account that a secret belongs to and decides whether it may call the route. The answer names the account's
// usage-plan key, so that API Gateway throttles per account, however many secrets the account has.

import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { parseSecret, secretMatches } from '../../domain/accounts/secrets.ts';
import { type ProblemCode, problems } from '../../domain/api/problems.ts';
import { allows, findRoute } from '../../domain/api/routes.ts';
import { type Caller, toContext } from '../edge/caller.ts';
import { headerOf } from '../edge/http.ts';
import type { NoteUse } from './note-use.ts';
import type { Principals, ReadPrincipal } from './principals.ts';

/**
 * API Gateway answers 401 only for an error with exactly this message. Lambda logs the stack of what is thrown, so that
 * it has none: the log of a flood of wrong keys costs money. One for all, because making an error takes time, too.
 */
const unauthorized = Object.assign(new Error('Unauthorized'), {
  name: 'Unauthorized',
  stack: 'Unauthorized',
});

type Resolved = { readonly caller: Caller; readonly planKey: string; readonly suspended: boolean };

export const createAuthorize =
  (principals: Principals, noteUse: NoteUse) =>
  async (event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    const read = await readPrincipal(principals, secretFrom(event.headers));
    // Of the right secret only: whoever knows no more than the id of a key has not used it.
    await noteUse(read, headerOf({ headers: event.headers ?? {} }, 'user-agent'));
    const resolved = resolve(read);
    const refusal = refusalOf(resolved, event);
    if (refusal) return deny(resolved, event, refusal);
    return {
      principalId: resolved.caller.keyId,
      policyDocument: policy('Allow', event.methodArn),
      context: toContext(resolved.caller),
      usageIdentifierKey: resolved.planKey,
    };
  };

const bearerPattern = /^Bearer +(\S+)$/i;

/** From `x-api-key`, or from `Authorization: Bearer`. */
function secretFrom(headers: APIGatewayRequestAuthorizerEvent['headers']): string | undefined {
  const request = { headers: headers ?? {} };
  return headerOf(request, 'x-api-key') ?? bearerPattern.exec(headerOf(request, 'authorization') ?? '')?.[1];
}

async function readPrincipal(principals: Principals, secret: string | undefined): Promise<ReadPrincipal> {
  const parsed = secret === undefined ? undefined : parseSecret(secret);
  if (secret === undefined || !parsed) throw unauthorized;
  const read = await principals(parsed);
  // The hash is of the whole secret, so that it also names the right environment and account.
  if (!read || !secretMatches(secret, read.principal.key.hash)) throw unauthorized;
  return read;
}

function resolve({ principal: { key, account } }: ReadPrincipal): Resolved {
  return {
    caller: {
      tenant: { account: account.id, environment: key.environment, generation: account.generation },
      keyId: key.id,
      scopes: key.scopes,
      tier: account.tier,
      slots: account.slots,
      mostSlots: account.mostSlots,
      retentionDays: account.retentionDays,
      ...(account.policy && { policy: account.policy }),
      ...(account.signing && { signing: account.signing }),
    },
    planKey: account.planKey,
    suspended: account.status === 'suspended',
  };
}

function refusalOf(resolved: Resolved, event: APIGatewayRequestAuthorizerEvent): ProblemCode | undefined {
  if (resolved.suspended) return 'account_suspended';
  const route = findRoute(event.httpMethod, event.resource);
  if (!route || !allows(route, resolved.caller.scopes)) return 'missing_scope';
  const accountInPath = event.pathParameters?.account_id;
  const isOther = accountInPath !== undefined && accountInPath !== resolved.caller.tenant.account;
  return isOther ? 'wrong_account' : undefined;
}

/** API Gateway fills its ACCESS_DENIED response from this context. */
function deny(
  resolved: Resolved,
  { methodArn, httpMethod, resource }: APIGatewayRequestAuthorizerEvent,
  code: ProblemCode,
): APIGatewayAuthorizerResult {
  const { title, detail: general } = problems[code];
  const needed = findRoute(httpMethod, resource)?.anyOf.join(' or ');
  const detail = code === 'missing_scope' && needed ? `${general} It needs ${needed}.` : general;
  return {
    principalId: resolved.caller.keyId,
    policyDocument: policy('Deny', methodArn),
    context: { ...toContext(resolved.caller), code, title, detail },
    usageIdentifierKey: resolved.planKey,
  };
}

const policy = (Effect: 'Allow' | 'Deny', Resource: string) => ({
  Version: '2012-10-17',
  Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }],
});
