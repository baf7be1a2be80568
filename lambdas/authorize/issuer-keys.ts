// What an instance knows of the issuer's keys. They are read again when they are old, and for a token of an unknown key, so
// that the issuer can rotate; but not more often than at intervals, whatever tokens come. While the issuer is away, the
// keys that are known go on for a while.

import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { IssuerKeys } from '../../domain/accounts/port.ts';
import type { Clock } from '../../domain/system/port.ts';
import { hourMs, minuteMs, secondMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

/** A key that the issuer has withdrawn is accepted for so long at most, or until an issuer that is away is back. */
const freshMs = 10 * minuteMs;
const longestKnownMs = hourMs;
const pauseMs = 30 * secondMs;
const pauseAfterFailureMs = 5 * secondMs;

/** Finds the key of a token. Throws Unavailable if that cannot be told, and an error of `jose` if there is none. */
export function createIssuerKeys(issuer: IssuerKeys, clock: Pick<Clock, 'now'>): JWTVerifyGetKey {
  let known: { readonly find: JWTVerifyGetKey; readonly readAtMs: number } | undefined;
  let failure: unknown;
  let nextReadMs = 0;

  async function read(nowMs: number): Promise<void> {
    if (nowMs < nextReadMs) return;
    try {
      known = { find: toFinder(await issuer.read()), readAtMs: nowMs };
      failure = undefined;
      nextReadMs = nowMs + pauseMs;
    } catch (error) {
      failure = error;
      nextReadMs = nowMs + pauseAfterFailureMs;
    }
  }

  return async (header, token) => {
    const nowMs = clock.now();
    const ageMs = () => (known ? nowMs - known.readAtMs : Number.POSITIVE_INFINITY);
    if (ageMs() >= freshMs) await read(nowMs);
    if (!known || ageMs() >= longestKnownMs) throw failure;
    try {
      return await known.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await read(nowMs);
      if (failure !== undefined) throw failure;
      return known.find(header, token);
    }
  };
}

function toFinder(keys: unknown): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(keys as JSONWebKeySet);
  } catch (cause) {
    throw new Unavailable('What the issuer publishes is not a set of keys', { cause });
  }
}
