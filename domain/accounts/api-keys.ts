// API keys: several an account, each of one environment. Whether a key is live depends on the key and the time alone.

import type { Scope } from '../api/routes.ts';
import { floorTo, minuteMs } from '../system/time.ts';

export type ApiKey = {
  readonly id: string;
  readonly account: string;
  /** That of the account when the key was created. */
  readonly generation: number;
  readonly environment: string;
  readonly scopes: readonly Scope[];
  /** Absent: its secret is one. */
  readonly openTo?: PublicUse;
  /** SHA-256 of the secret. */
  readonly hash: Uint8Array;
  readonly createdAtMs: number;
  /** As the audit log names who made it. */
  readonly createdBy: string;
  readonly expiresAtMs?: number;
  readonly revokedAtMs?: number;
  /** The id of the key that a rotation made in its place. */
  readonly replacedBy?: string;
};

/** A public key is in web pages: anybody can read it. It only sends, from pages of these origins, and so much. */
export type PublicUse = { readonly origins: readonly string[]; readonly eventsPerMinute: number };

export const usualPublicEventsPerMinute = 6000;
export const mostPublicEventsPerMinute = 10_000_000;
export const mostOrigins = 20;
const longestOrigin = 255;

/** As browsers send it: no path, no port that goes without saying, and the host in lower case. */
export function isOrigin(text: string): boolean {
  if (text.length > longestOrigin || !/^https?:[^*]+$/.test(text)) return false;
  return URL.canParse(text) && new URL(text).origin === text;
}
export const originRule =
  'a scheme and a host, and a port if it is not the usual one, such as https://shop.example';

export type KeyState = 'live' | 'expired' | 'revoked';

export function stateOf(key: Pick<ApiKey, 'expiresAtMs' | 'revokedAtMs'>, nowMs: number): KeyState {
  if (key.revokedAtMs !== undefined) return 'revoked';
  return nowMs < (key.expiresAtMs ?? Number.POSITIVE_INFINITY) ? 'live' : 'expired';
}

/** A new key with what it inherits, and the old one, which ends after the overlap, or before if it expires before. */
export function rotate(
  before: ApiKey,
  made: Pick<ApiKey, 'id' | 'hash' | 'createdAtMs' | 'createdBy'>,
  overlapMs: number,
): { readonly replaced: ApiKey & { readonly expiresAtMs: number }; readonly added: ApiKey } {
  const { account, generation, environment, scopes, openTo, expiresAtMs } = before;
  const endsAtMs = Math.min(expiresAtMs ?? Number.POSITIVE_INFINITY, made.createdAtMs + overlapMs);
  return {
    replaced: { ...before, expiresAtMs: endsAtMs, replacedBy: made.id },
    added: {
      ...made,
      account,
      generation,
      environment,
      scopes,
      ...(openTo && { openTo }),
      ...(expiresAtMs !== undefined && { expiresAtMs }),
    },
  };
}

/** When a key was last used, to the minute, and by which client. */
export type LastUse = { readonly minuteMs: number; readonly client: string };

export const useAt = (nowMs: number, userAgent: string | undefined): LastUse => ({
  minuteMs: floorTo(nowMs, minuteMs),
  client: clientNameOf(userAgent),
});

const longestClientName = 64;

/** Operators see it in their terminal, so that only printable ASCII characters are kept. */
const clientNameOf = (userAgent = ''): string =>
  userAgent
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, longestClientName) || 'unknown';
