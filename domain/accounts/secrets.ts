// Secrets of API keys: `weir_<environment>_<account>_<key id>_<random><checksum>`. A secret names what has to be read to
// judge it. The checksum tells a mistyped secret from an unknown one without a read. Only the SHA-256 is stored.

import { createHash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const secretPattern =
  /^(weir_([a-z][a-z0-9-]{0,31})_([a-z0-9][a-z0-9-]{0,62})_([0-9a-f]{12})_[0-9a-f]{32})([0-9A-Za-z]{6})$/;
const keyIdPattern = /^[0-9a-f]{12}$/;
export const keyIdRandomBytes = 6;
export const secretRandomBytes = 16;

export type ParsedSecret = {
  readonly environment: string;
  readonly account: string;
  readonly keyId: string;
};

/** Undefined for what was never a secret: its form or its checksum is wrong. */
export function parseSecret(secret: string): ParsedSecret | undefined {
  const [, body, environment, account, keyId, checksum] = secretPattern.exec(secret) ?? [];
  if (!body || !environment || !account || !keyId) return undefined;
  return checksum === checksumOf(body) ? { environment, account, keyId } : undefined;
}

export const keyIdFrom = (random: Uint8Array): string => Buffer.from(random).toString('hex');
export const isKeyId = (value: string): boolean => keyIdPattern.test(value);

export function formatSecret({ environment, account, keyId }: ParsedSecret, random: Uint8Array): string {
  const body = `weir_${environment}_${account}_${keyId}_${Buffer.from(random).toString('hex')}`;
  return `${body}${checksumOf(body)}`;
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The CRC-32 of all that is before it, in 6 digits of base 62. */
function checksumOf(body: string): string {
  let [left, digits] = [crc32(body), ''];
  while (digits.length < 6) {
    digits = `${base62[left % 62]}${digits}`;
    left = Math.floor(left / 62);
  }
  return digits;
}

export const hashSecret = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();

export function secretMatches(secret: string, hash: Uint8Array): boolean {
  const given = hashSecret(secret);
  return given.length === hash.length && timingSafeEqual(given, hash);
}
