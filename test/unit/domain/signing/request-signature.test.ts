import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type SignedRequest,
  signatureToleranceMs,
  signRequest,
  verifySignature,
} from '../../../../domain/signing/request-signature.ts';
import { minuteMs } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';

const secret = 'weirsig_0123456789ab_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const other = 'weirsig_ba9876543210_ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100';
const body = Buffer.from('[{"type":"grüße"}]');

const signed = (changes: Partial<SignedRequest> = {}): SignedRequest => ({
  timestamp: String(nowMs),
  signature: signRequest(secret, nowMs, body),
  body,
  secrets: [secret],
  nowMs,
  ...changes,
});
const outcomeOf = (changes: Partial<SignedRequest> = {}) => verifySignature(signed(changes)).outcome;
const signedAt = (timestampMs: number) => ({
  timestamp: String(timestampMs),
  signature: signRequest(secret, timestampMs, body),
});

it('a signature equals that of openssl for the same bytes', () => {
  // { printf '%s.' 1795256700000; printf '[{"type":"grüße"}]'; } | openssl dgst -sha256 -hmac "$SECRET" -r
  expect(signRequest(secret, 1795256700000, body)).toBe(
    'f8a9b2e23e4a59807703301da04af18943ee003f7a5a471fbc0b7c6b89d03871',
  );
});

describe('a signature is valid', () => {
  it('and is remembered by its digest for longer than it is valid on any of our clocks', () => {
    const { signature = '' } = signed();

    expect(verifySignature(signed())).toEqual({
      outcome: 'valid',
      digest: createHash('sha256').update(signature).digest('base64url'),
      untilMs: nowMs + 6 * minuteMs,
    });
  });

  it('in upper case too, as the same signature', () => {
    const capitals = signed().signature?.toUpperCase();

    expect(verifySignature(signed({ signature: capitals }))).toEqual(verifySignature(signed()));
  });

  it.each([
    ['the first of two', [secret, other]],
    ['the second of two', [other, secret]],
    ['the last of three', [other, `${other}0`, secret]],
  ])('under %s secrets', (_, secrets) => {
    expect(outcomeOf({ secrets })).toBe('valid');
  });

  it('of an empty body', () => {
    const empty = new Uint8Array();

    expect(outcomeOf({ body: empty, signature: signRequest(secret, nowMs, empty) })).toBe('valid');
  });

  it.each([
    ['at the limit in the past', -signatureToleranceMs, 'valid'],
    ['a millisecond older', -signatureToleranceMs - 1, 'expired'],
    ['at the limit ahead', signatureToleranceMs, 'valid'],
    ['a millisecond further ahead', signatureToleranceMs + 1, 'expired'],
    ['of the year 1970', -nowMs, 'expired'],
  ])('to the millisecond: %s', (_, awayMs, outcome) => {
    expect(signatureToleranceMs).toBe(5 * minuteMs);
    expect(outcomeOf(signedAt(nowMs + awayMs))).toBe(outcome);
  });
});

describe('a signature is refused', () => {
  it.each<[string, Partial<SignedRequest>]>([
    ['another body', { body: Buffer.from('[{"type":"other"}]') }],
    ['another time', { timestamp: String(nowMs + 1) }],
    ['another secret', { secrets: [other] }],
    ['no secret at all', { secrets: [] }],
    ['zeros', { signature: '0'.repeat(64) }],
  ])('as wrong for %s', (_, changes) => {
    expect(outcomeOf(changes)).toBe('wrong');
  });

  it.each<[string, Partial<SignedRequest>]>([
    ['signature', { signature: undefined }],
    ['timestamp', { timestamp: undefined }],
  ])('as missing without the %s', (_, changes) => {
    expect(outcomeOf(changes)).toBe('missing');
  });

  it.each([
    '',
    ' ',
    'now',
    `${nowMs}.0`,
    `0${nowMs}`,
    `+${nowMs}`,
    `-${nowMs}`,
    ` ${nowMs}`,
    `${nowMs}\n`,
    '1.7e12',
    '0x1a2b3c',
    'Infinity',
    '１７９５２５６７０００００',
    '9'.repeat(100_000),
  ])('as malformed with the timestamp %j', (timestamp) => {
    expect(outcomeOf({ timestamp })).toBe('malformed');
  });

  it.each([
    '',
    'g'.repeat(64),
    'é'.repeat(64),
    '0'.repeat(63),
    '0'.repeat(65),
    ` ${'0'.repeat(63)}`,
    `${'0'.repeat(64)}\n`,
    `sha256=${'0'.repeat(64)}`,
    '０'.repeat(64),
    'a'.repeat(1_000_000),
  ])('as malformed with the signature %j', (signature) => {
    expect(outcomeOf({ signature })).toBe('malformed');
  });

  it('whatever the headers hold, and never by an exception', () => {
    const anyText = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units));
    const header = fc.option(anyText, { nil: undefined });
    fc.assert(
      fc.property(header, header, (timestamp, signature) => {
        expect(outcomeOf({ timestamp, signature })).not.toBe('valid');
      }),
    );
  });

  it('when any byte of body, time or signature changes', () => {
    const flipped = (bytes: Uint8Array, at: number, mask: number) =>
      bytes.map((byte, index) => (index === at % bytes.length ? byte ^ mask : byte));
    const mask = fc.integer({ min: 1, max: 255 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), mask, (bytes, at, flip) => {
        const right = signed({ body: bytes, signature: signRequest(secret, nowMs, bytes) });
        const inText = (text = '') => Buffer.from(flipped(Buffer.from(text), at, flip)).toString('latin1');
        const sameSignature = inText(right.signature).toLowerCase() === right.signature;

        expect(verifySignature(right).outcome).toBe('valid');
        expect(verifySignature({ ...right, body: flipped(bytes, at, flip) }).outcome).toBe('wrong');
        expect(verifySignature({ ...right, timestamp: inText(right.timestamp) }).outcome).not.toBe('valid');
        expect(verifySignature({ ...right, signature: inText(right.signature) }).outcome === 'valid').toBe(
          sameSignature,
        );
      }),
    );
  });

  it('when a digit moves between time and body', () => {
    const shorter = Math.floor(nowMs / 10);
    const moved = Buffer.concat([Buffer.from(String(nowMs % 10)), body]);

    expect(outcomeOf({ timestamp: String(shorter), body: moved, nowMs: shorter })).toBe('wrong');
  });
});
