// The MACs in ids. A secret that is given as bytes is made a key at each call, which takes five times as long as the MAC
// itself: so each secret is made a key once.

import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

const keys = new WeakMap<Uint8Array, KeyObject>();

/** The first `length` bytes. `purpose` keeps MACs of different kinds apart. */
export function macOf(
  secret: Uint8Array,
  length: number,
  purpose: string,
  ...parts: readonly Uint8Array[]
): Buffer {
  const key = keys.get(secret) ?? createSecretKey(secret);
  keys.set(secret, key);
  const hmac = createHmac('sha256', key).update(`${purpose}#`);
  for (const part of parts) hmac.update(part);
  return hmac.digest().subarray(0, length);
}
