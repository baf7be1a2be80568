// Keys as verbs and the API show them.

import type { Scope } from '../api/routes.ts';
import { iso } from '../system/time.ts';
import { type ApiKey, type KeyState, stateOf } from './api-keys.ts';
import type { MadeKey } from './key-changes.ts';
import type { UsedKey } from './port.ts';

/** `replaced`: live until it ends, because another key replaces it. */
export type ShownState = KeyState | 'replaced';

export type ShownKey = {
  readonly key_id: string;
  readonly environment: string;
  readonly scopes: readonly Scope[];
  /** Null for a key that is a secret. */
  readonly origins: readonly string[] | null;
  readonly events_per_minute: number | null;
  readonly state: ShownState;
  readonly created_at: string;
  readonly created_by: string;
  readonly last_used_at: string | null;
  readonly last_used_by: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly replaced_by: string | null;
};

const isoOrNull = (instantMs: number | undefined): string | null =>
  instantMs === undefined ? null : iso(instantMs);

export function toShownKey({ key, lastUse }: UsedKey, nowMs: number): ShownKey {
  const state = stateOf(key, nowMs);
  return {
    key_id: key.id,
    environment: key.environment,
    scopes: key.scopes,
    ...toShownUse(key),
    state: state === 'live' && key.replacedBy !== undefined ? 'replaced' : state,
    created_at: iso(key.createdAtMs),
    created_by: key.createdBy,
    last_used_at: isoOrNull(lastUse?.minuteMs),
    last_used_by: lastUse?.client ?? null,
    expires_at: isoOrNull(key.expiresAtMs),
    revoked_at: isoOrNull(key.revokedAtMs),
    replaced_by: key.replacedBy ?? null,
  };
}

const toShownUse = ({ openTo }: Pick<ApiKey, 'openTo'>) => ({
  origins: openTo?.origins ?? null,
  events_per_minute: openTo?.eventsPerMinute ?? null,
});

export type CreatedKey = {
  readonly account_id: string;
  readonly key_id: string;
  readonly environment: string;
  readonly scopes: readonly Scope[];
  readonly origins: readonly string[] | null;
  readonly events_per_minute: number | null;
  readonly expires_at: string | null;
  readonly api_key: string;
};

export type RotatedKey = CreatedKey & {
  readonly replaces: { readonly key_id: string; readonly ends_at: string };
};

export const toCreatedKey = ({ key, secret }: MadeKey): CreatedKey => ({
  account_id: key.account,
  key_id: key.id,
  environment: key.environment,
  scopes: key.scopes,
  ...toShownUse(key),
  expires_at: isoOrNull(key.expiresAtMs),
  api_key: secret,
});

export const toRotatedKey = (made: MadeKey, replaced: string, endsAtMs: number): RotatedKey => ({
  ...toCreatedKey(made),
  replaces: { key_id: replaced, ends_at: iso(endsAtMs) },
});
