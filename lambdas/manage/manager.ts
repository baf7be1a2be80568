// Who asks to manage, and what he reaches. Authorize knows a caller for 30 seconds. So long, a key that was revoked because it
// leaked, and an owner who was removed, must not make others: for a change, they are read again.

import { stateOf } from '../../domain/accounts/api-keys.ts';
import type { Auditor } from '../../domain/accounts/audit.ts';
import type { Accounts, Members } from '../../domain/accounts/port.ts';
import { allows, findRoute } from '../../domain/api/routes.ts';
import type { Tenant } from '../../domain/keys.ts';
import type { Clock, Random } from '../../domain/system/port.ts';
import { actorOf, fromContext, type KeyCaller, type PersonCaller } from '../edge/caller.ts';
import { type HttpRequest, ProblemError } from '../edge/http.ts';

export type Manager = {
  readonly tenant: Tenant;
  readonly auditor: Auditor;
  /** Of a key that ends. */
  readonly expiresAtMs?: number;
};

export type ManagerDeps = {
  readonly accounts: Pick<Accounts, 'findPrincipal'>;
  readonly members: Pick<Members, 'find'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
};

export async function managerOf(deps: ManagerDeps, request: HttpRequest): Promise<Manager> {
  const caller = fromContext(request.requestContext.authorizer);
  const actor = { who: actorOf(caller), from: request.requestContext.identity.sourceIp };
  const manager = { tenant: caller.tenant, auditor: { actor, random: deps.random } };
  if (request.httpMethod === 'GET') return manager;
  if ('person' in caller) {
    await assertStillMay(deps, caller, request);
    return manager;
  }
  const expiresAtMs = await expiryOf(deps, caller);
  return { ...manager, ...(expiresAtMs !== undefined && { expiresAtMs }) };
}

async function assertStillMay(
  { members }: ManagerDeps,
  { tenant, person, roleBy }: PersonCaller,
  { httpMethod, resource }: HttpRequest,
): Promise<void> {
  if (roleBy === 'claim') return;
  const member = await members.find(tenant.account, person);
  const route = findRoute(httpMethod, resource);
  const mayStill = member?.generation === tenant.generation && route && allows(route, member.role);
  if (!mayStill) throw new ProblemError('missing_role');
}

async function expiryOf({ accounts, clock }: ManagerDeps, { tenant, keyId }: KeyCaller) {
  const found = await accounts.findPrincipal(tenant.account, keyId);
  const isLive = found && stateOf(found.key, clock.now()) === 'live';
  if (!isLive) throw new ProblemError('unauthorized');
  return found.key.expiresAtMs;
}
