import { describe, expect, it } from 'vitest';
import {
  openSecret,
  SecretNotOpened,
  sealedSecretsOf,
  sealingNonceBytes,
  sealSecret,
  signingSecretFrom,
  signingSecretRandomBytes,
} from '../../../../domain/signing/signing-secrets.ts';
import { seededRandom } from '../../../support/clock.ts';

const random = seededRandom();
const platformKey = { number: 1, secret: random.bytes(32) };
const secret = signingSecretFrom(random.bytes(signingSecretRandomBytes));
const seal = (account = 'acme') =>
  sealSecret(platformKey, account, secret.id, secret.text, random.bytes(sealingNonceBytes));

it('a secret contains its id and 256 random bits', () => {
  const random = Uint8Array.from({ length: signingSecretRandomBytes }, (_, index) => index);

  expect(signingSecretFrom(random)).toEqual({
    id: '000102030405',
    text: 'weirsig_000102030405_060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425',
  });
});

describe('a sealed secret', () => {
  it('opens to the text that was sealed', () => {
    expect(openSecret(platformKey, 'acme', seal())).toBe(secret.text);
  });

  it('does not contain the text, and differs each time', () => {
    const [once, twice] = [Buffer.from(seal().sealed), Buffer.from(seal().sealed)];

    expect(once.toString('latin1')).not.toContain('weirsig');
    expect(once.subarray(sealingNonceBytes)).not.toEqual(twice.subarray(sealingNonceBytes));
  });

  it.each([
    ['for another account', () => openSecret(platformKey, 'other', seal())],
    ['under another id', () => openSecret(platformKey, 'acme', { ...seal(), id: 'ffffffffffff' })],
    ['under another key', () => openSecret({ number: 1, secret: seededRandom(7).bytes(32) }, 'acme', seal())],
    ['under a key that is gone', () => openSecret(undefined, 'acme', seal())],
    [
      'when it is cut',
      () => openSecret(platformKey, 'acme', { id: secret.id, sealed: seal().sealed.subarray(1) }),
    ],
    ['when it is empty', () => openSecret(platformKey, 'acme', { id: secret.id, sealed: new Uint8Array() })],
  ])('does not open %s, and names the account in the error', (_, open) => {
    expect(open).toThrow(SecretNotOpened);
    expect(open).toThrow(/signing secret [0-9a-f]{12} of the account (acme|other) cannot be decrypted/);
  });

  it('does not open if any of its bytes was changed', () => {
    const { id, sealed } = seal();
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.map((byte, index) => (index === at ? byte ^ 1 : byte));
      expect(() => openSecret(platformKey, 'acme', { id, sealed: changed })).toThrow(SecretNotOpened);
    }
  });
});

describe('the version of a set of secrets', () => {
  const [one, two] = [seal(), { ...seal(), id: 'ffffffffffff' }];
  const versionOf = (...secrets: (typeof one)[]) => sealedSecretsOf(secrets, true)?.version;

  it('is the same for the same secrets, whatever the class of their bytes', () => {
    expect(versionOf(one, two)).toBe(versionOf({ id: one.id, sealed: Uint8Array.from(one.sealed) }, two));
  });

  it('differs for another set, another id and other bytes', () => {
    const renamed = { ...one, id: '000000000000' };
    const resealed = seal();
    const versions = [
      versionOf(one),
      versionOf(two),
      versionOf(one, two),
      versionOf(renamed),
      versionOf(resealed),
    ];

    expect(new Set(versions).size).toBe(versions.length);
  });

  it('is undefined if no secret is left', () => {
    expect(sealedSecretsOf([], true)).toBeUndefined();
    expect(sealedSecretsOf([one], false)?.version).not.toBe(versionOf(one));
  });
});
