// The keys of the caller's account in the environment of the caller, which is as far as a key reaches. A key of another
// account or environment is answered as one that is not there. The rules of changes are in domain/accounts/key-changes.ts.

import type { ApiKey, LastUse } from '../../domain/accounts/api-keys.ts';
import { auditEntry } from '../../domain/accounts/audit.ts';
import {
  hasRoomFor,
  keyCreated,
  makeKey,
  planRevocation,
  planRotation,
} from '../../domain/accounts/key-changes.ts';
import type { Accounts, ApiKeys, UsedKey } from '../../domain/accounts/port.ts';
import {
  type CreatedKey,
  type RotatedKey,
  type ShownKey,
  toCreatedKey,
  toRotatedKey,
  toShownKey,
} from '../../domain/accounts/shown-keys.ts';
import type { Tenant } from '../../domain/keys.ts';
import type { Clock, Random } from '../../domain/system/port.ts';
import { iso } from '../../domain/system/time.ts';
import { type HttpRequest, ProblemError } from '../edge/http.ts';
import { ChangedMeanwhile, decideAgain } from './decide-again.ts';
import type { Manager } from './manager.ts';
import { readKeyList, readNewKey, readRevocation, readRotation } from './wire.ts';

export type KeysDeps = {
  readonly accounts: Pick<Accounts, 'findPrincipal'>;
  readonly keys: ApiKeys;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
};

export type KeysOfEnvironment = {
  readonly account_id: string;
  readonly environment: string;
  readonly keys: readonly ShownKey[];
};

export async function listKeys(
  { keys, clock }: KeysDeps,
  { tenant: { account, environment } }: Manager,
  request: HttpRequest,
): Promise<KeysOfEnvironment> {
  readKeyList(request);
  const own = (await keys.list(account)).filter(({ key }) => key.environment === environment);
  return { account_id: account, environment, keys: own.map((used) => toShownKey(used, clock.now())) };
}

/** The route needs the scope admin, which implies all others: no scope is more than the caller's own. */
export async function createKey(
  deps: KeysDeps,
  { tenant, auditor, expiresAtMs }: Manager,
  request: HttpRequest,
): Promise<CreatedKey> {
  const { scopes, openTo, expires_in: wantedMs } = readNewKey(request);
  const nowMs = deps.clock.now();
  await assertRoom(deps, tenant, 'creation', nowMs);
  // No key outlives the one that has made it.
  const mostMs = expiresAtMs === undefined ? undefined : expiresAtMs - nowMs;
  const expiresInMs = Math.min(wantedMs ?? Number.POSITIVE_INFINITY, mostMs ?? Number.POSITIVE_INFINITY);
  const wanted = {
    ...tenant,
    scopes,
    ...(openTo && { openTo }),
    ...(Number.isFinite(expiresInMs) && { expiresInMs }),
  };
  const made = makeKey(auditor, wanted, nowMs);
  const entry = auditEntry(auditor, nowMs, keyCreated(made.key));
  if (!(await deps.keys.add(made.key, entry))) throw new ChangedMeanwhile('The account changed meanwhile');
  return toCreatedKey(made);
}

export async function rotateKey(
  deps: KeysDeps,
  { tenant, auditor, expiresAtMs }: Manager,
  request: HttpRequest,
): Promise<RotatedKey> {
  const { keyId, ...rotation } = readRotation(request);
  return decideAgain('The key', async () => {
    const used = await findKey(deps, tenant, keyId);
    const nowMs = deps.clock.now();
    const plan = planRotation(auditor, used, rotation, nowMs);
    if (plan.outcome === 'in use') throw inUse(plan.lastUse);
    if (plan.outcome === 'not live') throw new ProblemError('key_not_live', { state: plan.state });
    if (plan.outcome === 'replaced before')
      throw new ProblemError('key_replaced', { replaced_by: plan.by, ends_at: iso(plan.endsAtMs) });
    if (outlives(used.key, expiresAtMs)) throw new ProblemError('key_outlives_caller');
    await assertRoom(deps, tenant, 'rotation', nowMs);
    const isDone = await deps.keys.change(plan.change);
    return isDone ? toRotatedKey(plan.made, keyId, plan.endsAtMs) : undefined;
  });
}

export async function revokeKey(
  deps: KeysDeps,
  { tenant, auditor }: Manager,
  request: HttpRequest,
): Promise<ShownKey> {
  const { keyId, isForced } = readRevocation(request);
  return decideAgain('The key', async () => {
    const used = await findKey(deps, tenant, keyId);
    const nowMs = deps.clock.now();
    const plan = planRevocation(auditor, used, isForced, nowMs);
    if (plan.outcome === 'in use') throw inUse(plan.lastUse);
    if (plan.outcome === 'revoked before') return toShownKey(used, nowMs);
    const isDone = await deps.keys.change(plan.change);
    return isDone ? toShownKey({ ...used, key: plan.change.after }, nowMs) : undefined;
  });
}

/** Its successor would, too. */
const outlives = ({ expiresAtMs = Number.POSITIVE_INFINITY }: ApiKey, callerMs = Number.POSITIVE_INFINITY) =>
  expiresAtMs > callerMs;
const inUse = ({ minuteMs, client }: LastUse): ProblemError =>
  new ProblemError('key_in_use', { last_used_at: iso(minuteMs), last_used_by: client });

async function findKey(
  { accounts }: KeysDeps,
  { account, environment }: Tenant,
  keyId: string,
): Promise<UsedKey> {
  const found = await accounts.findPrincipal(account, keyId);
  if (found?.key.environment !== environment) throw new ProblemError('unknown_key');
  return found;
}

async function assertRoom(
  { keys }: KeysDeps,
  { account, environment }: Tenant,
  change: 'creation' | 'rotation',
  nowMs: number,
): Promise<void> {
  // Of the environment: one does not use up what another may have.
  const all = (await keys.list(account))
    .map(({ key }) => key)
    .filter((key) => key.environment === environment);
  if (!hasRoomFor(change, all, nowMs)) throw new ProblemError('too_many_keys');
}
