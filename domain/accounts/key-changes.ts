// The rules by which keys are made, rotated and revoked, with the audit entries of each change. The verbs and the function
// manage decide by them, and write what is decided in one transaction, only if the key still is as it was read.

import { hourMs } from '../system/time.ts';
import { type ApiKey, type LastUse, rotate, stateOf } from './api-keys.ts';
import { type AuditedAct, type Auditor, auditEntries, auditEntry, auditedKey } from './audit.ts';
import type { KeyChange, UsedKey } from './port.ts';
import { formatSecret, hashSecret, keyIdFrom, keyIdRandomBytes, secretRandomBytes } from './secrets.ts';

export type KeyRequest = Pick<ApiKey, 'account' | 'generation' | 'environment' | 'scopes' | 'openTo'> & {
  readonly expiresInMs?: number;
};

/** The secret is shown once, and stored nowhere. */
export type MadeKey = { readonly key: ApiKey; readonly secret: string };

export function makeKey(auditor: Auditor, request: KeyRequest, nowMs: number): MadeKey {
  const { account, generation, environment, scopes, openTo, expiresInMs } = request;
  const { parts, secret } = makeParts(auditor, request, nowMs);
  const expiry = expiresInMs === undefined ? {} : { expiresAtMs: nowMs + expiresInMs };
  return {
    key: { ...parts, account, generation, environment, scopes, ...(openTo && { openTo }), ...expiry },
    secret,
  };
}

export const keyCreated = (key: ApiKey): AuditedAct => ({
  account: key.account,
  environment: key.environment,
  what: 'key.created',
  key: key.id,
  after: auditedKey(key),
});

type Rotation =
  | {
      readonly outcome: 'rotated';
      readonly change: KeyChange;
      readonly made: MadeKey;
      readonly endsAtMs: number;
    }
  | { readonly outcome: 'not live'; readonly state: 'expired' | 'revoked' }
  /** Also where the answer to an earlier rotation was lost: then nobody has the secret of `by`. */
  | { readonly outcome: 'replaced before'; readonly by: string; readonly endsAtMs: number }
  | { readonly outcome: 'in use'; readonly lastUse: LastUse };

export type RotationRequest = { readonly overlapMs: number; readonly isForced: boolean };

export function planRotation(
  auditor: Auditor,
  { key: before, lastUse }: UsedKey,
  { overlapMs, isForced }: RotationRequest,
  nowMs: number,
): Rotation {
  const state = stateOf(before, nowMs);
  if (state !== 'live') return { outcome: 'not live', state };
  const { replacedBy, expiresAtMs = 0 } = before;
  if (replacedBy !== undefined) return { outcome: 'replaced before', by: replacedBy, endsAtMs: expiresAtMs };
  const { parts, secret } = makeParts(auditor, before, nowMs);
  const { replaced, added } = rotate(before, parts, overlapMs);
  // A key that expires before the overlap is over ends as it would have ended without a rotation.
  const endsSooner = replaced.expiresAtMs !== before.expiresAtMs;
  if (endsSooner && !isForced && isInUse(lastUse, replaced.expiresAtMs))
    return { outcome: 'in use', lastUse };
  const entries = auditEntries(auditor, nowMs, [
    keyChanged('key.rotated', before, replaced),
    keyCreated(added),
  ]);
  const change = { before, after: replaced, added, entries };
  return { outcome: 'rotated', change, made: { key: added, secret }, endsAtMs: replaced.expiresAtMs };
}

type Revocation =
  | { readonly outcome: 'revoked'; readonly change: KeyChange }
  | { readonly outcome: 'revoked before' }
  | { readonly outcome: 'in use'; readonly lastUse: LastUse };

/** A key that was used so shortly before it ends has a client, which would be refused. */
const recentMs = hourMs;
const isInUse = (lastUse: LastUse | undefined, endsAtMs: number): lastUse is LastUse =>
  lastUse !== undefined && endsAtMs - lastUse.minuteMs <= recentMs;

export function planRevocation(
  auditor: Auditor,
  { key: before, lastUse }: UsedKey,
  isForced: boolean,
  nowMs: number,
): Revocation {
  if (before.revokedAtMs !== undefined) return { outcome: 'revoked before' };
  if (!isForced && isInUse(lastUse, nowMs)) return { outcome: 'in use', lastUse };
  const after: ApiKey = { ...before, revokedAtMs: nowMs };
  const entries = [auditEntry(auditor, nowMs, keyChanged('key.revoked', before, after))];
  return { outcome: 'revoked', change: { before, after, entries } };
}

/** What an account may have of keys that it makes itself. Operators are bound by neither. */
export const mostLiveKeys = 100;
/** With those that ended: they are listed, and all of them are read to list any. */
export const mostKeys = 1000;

/** A rotation leaves the number of keys that stay as it is, so that only `mostKeys` bounds it. */
export function hasRoomFor(change: 'creation' | 'rotation', keys: readonly ApiKey[], nowMs: number): boolean {
  if (keys.length >= mostKeys) return false;
  const staying = keys.filter((key) => stateOf(key, nowMs) === 'live' && key.replacedBy === undefined);
  return change === 'rotation' || staying.length < mostLiveKeys;
}

const keyChanged = (what: 'key.rotated' | 'key.revoked', before: ApiKey, after: ApiKey): AuditedAct => ({
  account: before.account,
  environment: before.environment,
  what,
  key: before.id,
  before: auditedKey(before),
  after: auditedKey(after),
});

function makeParts(
  { actor, random }: Auditor,
  { account, environment }: Pick<ApiKey, 'account' | 'environment'>,
  nowMs: number,
) {
  const id = keyIdFrom(random.bytes(keyIdRandomBytes));
  const secret = formatSecret({ environment, account, keyId: id }, random.bytes(secretRandomBytes));
  return { parts: { id, hash: hashSecret(secret), createdAtMs: nowMs, createdBy: actor.who }, secret };
}
