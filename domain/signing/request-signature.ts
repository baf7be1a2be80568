// Signatures of requests: HMAC-SHA-256 over the time of the try, a dot and the body as it is before compression.
// Each try has its own time, so that each has its own signature and one that was seen before is a replay.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { minuteMs } from '../system/time.ts';

export const timestampHeader = 'X-Weir-Timestamp';
export const signatureHeader = 'X-Weir-Signature';

/** How far the client's clock may be from ours, before or after. */
export const signatureToleranceMs = 5 * minuteMs;
/** Clocks of two instances of ours differ too: by no more than this, or a signature is forgotten while it is good. */
const ownClocksDifferMs = minuteMs;

/** One spelling for each instant: what is signed is the text. */
const timestampPattern = /^(?:0|[1-9][0-9]{0,15})$/;
const signaturePattern = /^[0-9a-f]{64}$/i;

export type SignedRequest = {
  /** The headers as they came; undefined: not sent. */
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: Uint8Array;
  /** The texts of all secrets of the account. */
  readonly secrets: readonly string[];
  readonly nowMs: number;
};

export type Verdict =
  /** The digest names the signature where used ones are remembered, which they have to be until then. */
  | { readonly outcome: 'valid'; readonly digest: string; readonly untilMs: number }
  | { readonly outcome: 'missing' | 'malformed' | 'expired' | 'wrong' };

export const signRequest = (secret: string, timestampMs: number, body: Uint8Array): string =>
  mac(secret, String(timestampMs), body).toString('hex');

export function verifySignature({ timestamp, signature, body, secrets, nowMs }: SignedRequest): Verdict {
  if (timestamp === undefined || signature === undefined) return { outcome: 'missing' };
  if (!timestampPattern.test(timestamp) || !signaturePattern.test(signature)) return { outcome: 'malformed' };
  const timestampMs = Number(timestamp);
  if (Math.abs(nowMs - timestampMs) > signatureToleranceMs) return { outcome: 'expired' };
  const given = Buffer.from(signature, 'hex');
  let matches = 0;
  // All of them, whichever it is: the time that it takes tells nothing.
  for (const secret of secrets) matches += Number(timingSafeEqual(mac(secret, timestamp, body), given));
  if (matches === 0) return { outcome: 'wrong' };
  return {
    outcome: 'valid',
    digest: createHash('sha256').update(signature.toLowerCase()).digest('base64url'),
    untilMs: timestampMs + signatureToleranceMs + ownClocksDifferMs,
  };
}

const mac = (secret: string, timestamp: string, body: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
