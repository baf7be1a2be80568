// The secrets that an account signs its requests with. They are kept sealed beside the account, under a key that lies
// in another table: who can read accounts alone, as the authorizer and the report can, learns nothing from them.

import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';

export type SealedSecret = { readonly id: string; readonly sealed: Uint8Array };

export type SealedSecrets = {
  readonly version: string;
  /** Else only what is sent with a signature is checked: while clients are moved to signing. */
  readonly required: boolean;
  readonly secrets: readonly SealedSecret[];
};

/** A secret reads `weirsig_<id>_<64 hex digits>`; the whole of it, as UTF-8, is the key of the HMAC. */
export type SigningSecret = { readonly id: string; readonly text: string };

/** The one in use, the next one, and one to spare: each of them costs a request one more HMAC over its body. */
export const maxSigningSecrets = 3;

const idBytes = 6;
export const signingSecretRandomBytes = idBytes + 32;
export const sealingNonceBytes = 12;

const cipher = 'aes-256-gcm';
const keyBytes = 32;
const tagBytes = 16;

export class SecretNotOpened extends Error {
  override readonly name = 'SecretNotOpened';
  constructor(account: string, id: string, options: ErrorOptions) {
    super(
      `The signing secret ${id} does not open for the account ${account}: it was changed, or sealed for another account or under another signing key. Remove it and add a new one.`,
      options,
    );
  }
}

export function signingSecretFrom(random: Uint8Array): SigningSecret {
  const hex = Buffer.from(random).toString('hex');
  const id = hex.slice(0, 2 * idBytes);
  return { id, text: `weirsig_${id}_${hex.slice(2 * idBytes)}` };
}

/** A nonce is used once: a second secret under the same one would lay both open. */
export function sealSecret(
  platformKey: Uint8Array,
  account: string,
  id: string,
  secret: string,
  nonce: Uint8Array,
): SealedSecret {
  const sealing = createCipheriv(cipher, sealingKey(platformKey), nonce, { authTagLength: tagBytes });
  sealing.setAAD(ownerOf(account, id));
  const hidden = [sealing.update(secret, 'utf8'), sealing.final()];
  return { id, sealed: Buffer.concat([nonce, ...hidden, sealing.getAuthTag()]) };
}

/** The text of the secret. Throws where it was not sealed by this key, for this account and under this id. */
export function openSecret(platformKey: Uint8Array, account: string, { id, sealed }: SealedSecret): string {
  try {
    const nonce = sealed.subarray(0, sealingNonceBytes);
    const opening = createDecipheriv(cipher, sealingKey(platformKey), nonce, { authTagLength: tagBytes });
    opening.setAAD(ownerOf(account, id));
    opening.setAuthTag(sealed.subarray(-tagBytes));
    const hidden = sealed.subarray(sealingNonceBytes, -tagBytes);
    return Buffer.concat([opening.update(hidden), opening.final()]).toString('utf8');
  } catch (cause) {
    throw new SecretNotOpened(account, id, { cause });
  }
}

/** The set as it is kept; undefined where none are left. The version is a digest: as long as it stays, all of it stays. */
export function sealedSecretsOf(
  secrets: readonly SealedSecret[],
  required: boolean,
): SealedSecrets | undefined {
  if (secrets.length === 0) return undefined;
  const digest = createHash('sha256').update(required ? 'required\n' : 'checked\n');
  for (const { id, sealed } of secrets) digest.update(`${id}#${Buffer.from(sealed).toString('base64')}\n`);
  return { version: digest.digest().subarray(0, 16).toString('base64url'), required, secrets };
}

/** The platform's key does one thing directly, the MAC of batch ids; what else needs one derives its own. */
const sealingKey = (platformKey: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', platformKey, '', 'weir request signing', keyBytes));

/** What is sealed is tied to its place: moved to another account or under another id, it does not open. */
const ownerOf = (account: string, id: string): Buffer => Buffer.from(`${account}#${id}`);
