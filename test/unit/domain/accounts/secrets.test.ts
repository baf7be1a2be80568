import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatSecret, hashSecret, parseSecret, secretMatches } from '../../../../domain/accounts/secrets.ts';
import { seededRandom } from '../../../support/clock.ts';

const named = { environment: 'production', account: 'acme', keyId: 'abcdef012345' };
const secret = formatSecret(named, seededRandom().bytes(16));

it('contain their environment, account and key id', () => {
  expect(secret).toMatch(/^weir_production_acme_abcdef012345_[0-9a-f]{32}[0-9A-Za-z]{6}$/);
  expect(parseSecret(secret)).toEqual(named);
});

it('end with the CRC-32 of what is before it, so that a scanner can tell one without asking', () => {
  const zeros = formatSecret(named, new Uint8Array(16));

  // Python: zlib.crc32(b'weir_production_acme_abcdef012345_' + b'0' * 32), in base 62.
  expect(zeros.slice(-6)).toBe('1fLsbT');
});

it('are not read where one character is another', () => {
  const characters = '0123456789ABCDEFabcdefxyz_-';
  fc.assert(
    fc.property(
      fc.nat(secret.length - 1),
      fc.constantFrom(...characters),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      (at, character, random) => {
        const right = formatSecret(named, random);
        fc.pre(right[at] !== character);
        expect(parseSecret(right)).toEqual(named);
        expect(parseSecret(right.slice(0, at) + character + right.slice(at + 1))).toBeUndefined();
      },
    ),
  );
});

it('match their own hash only', () => {
  expect(secretMatches(secret, hashSecret(secret))).toBe(true);
  expect(secretMatches(`${secret}x`, hashSecret(secret))).toBe(false);
  expect(secretMatches(secret, new Uint8Array(3))).toBe(false);
});

it.each(['', 'weir', 'weir_production_abc', `${'x'.repeat(10_000)}`, 'weir_a#b_acme_abcdef012345_x'])(
  'are not read from %j',
  (text) => {
    expect(parseSecret(text)).toBeUndefined();
  },
);
