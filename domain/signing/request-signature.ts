// Signatures of requests: HMAC-SHA-256 over a timestamp, a dot and the body before compression. A client signs each try
// with a new timestamp, so that a signature that was seen before is a replay attack.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { minuteMs } from '../system/time.ts';

export const timestampHeader = 'X-Weir-Timestamp';
export const signatureHeader = 'X-Weir-Signature';

/** How far the client's clock may differ from ours, in either direction. */
export const signatureToleranceMs = 5 * minuteMs;
/** A used signature is remembered this much longer than it is valid, because the clocks of two instances differ. */
const maxOwnClockDifferenceMs = minuteMs;

/** One spelling for each instant, because the signature covers the text. */
const timestampPattern = /^(?:0|[1-9][0-9]{0,15})$/;
const signaturePattern = /^[0-9a-f]{64}$/i;

export type SignedRequest = {
  /** The headers as they were sent. Undefined if not sent. */
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: Uint8Array;
  /** The texts of all secrets of the account. */
  readonly secrets: readonly string[];
  readonly nowMs: number;
};

export type SignatureOutcome =
  /** `digest` names the signature in `UsedSignatures`, which must remember it until `untilMs`. */
  | { readonly outcome: 'valid'; readonly digest: string; readonly untilMs: number }
  | { readonly outcome: 'missing' | 'malformed' | 'expired' | 'wrong' };

export const signRequest = (secret: string, timestampMs: number, body: Uint8Array): string =>
  mac(secret, String(timestampMs), body).toString('hex');

export function verifySignature({
  timestamp,
  signature,
  body,
  secrets,
  nowMs,
}: SignedRequest): SignatureOutcome {
  if (timestamp === undefined || signature === undefined) return { outcome: 'missing' };
  if (!timestampPattern.test(timestamp) || !signaturePattern.test(signature)) return { outcome: 'malformed' };
  const timestampMs = Number(timestamp);
  if (Math.abs(nowMs - timestampMs) > signatureToleranceMs) return { outcome: 'expired' };
  const given = Buffer.from(signature, 'hex');
  let matches = 0;
  // Compares with every secret, so that the time does not reveal which one matches.
  for (const secret of secrets) matches += Number(timingSafeEqual(mac(secret, timestamp, body), given));
  if (matches === 0) return { outcome: 'wrong' };
  return {
    outcome: 'valid',
    digest: createHash('sha256').update(signature.toLowerCase()).digest('base64url'),
    untilMs: timestampMs + signatureToleranceMs + maxOwnClockDifferenceMs,
  };
}

const mac = (secret: string, timestamp: string, body: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
