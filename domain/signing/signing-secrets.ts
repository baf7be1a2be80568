// The secrets that an account signs its requests with. They are stored encrypted next to the account. The key is in
// another table, so that a function that reads only accounts, such as authorize and report, cannot decrypt them.

import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';

/** A platform key. Made ids and sealed secrets name its number, so that they outlive a change of the current one. */
export type NumberedKey = { readonly number: number; readonly secret: Uint8Array };

export type SealedSecret = { readonly id: string; readonly sealed: Uint8Array };

export type SealedSecrets = {
  readonly version: string;
  /**
   * False while clients move to signing: then unsigned requests pass, and only signatures that are sent are checked.
   */
  readonly required: boolean;
  readonly secrets: readonly SealedSecret[];
};

/** `text` has the form `weirsig_<id>_<64 hex digits>`. The whole text, as UTF-8, is the key of the HMAC. */
export type SigningSecret = { readonly id: string; readonly text: string };

/** The current one, the next one and a spare. Each costs a request one more HMAC over its body. */
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
      `The signing secret ${id} of the account ${account} cannot be decrypted: it was changed, or encrypted for another account or under another platform key. Remove it and add a new one.`,
      options,
    );
  }
}

export function signingSecretFrom(random: Uint8Array): SigningSecret {
  const hex = Buffer.from(random).toString('hex');
  const id = hex.slice(0, 2 * idBytes);
  return { id, text: `weirsig_${id}_${hex.slice(2 * idBytes)}` };
}

/** Use each nonce once. Two secrets under one nonce reveal each other. */
export function sealSecret(
  platformKey: NumberedKey,
  account: string,
  id: string,
  secret: string,
  nonce: Uint8Array,
): SealedSecret {
  const sealing = createCipheriv(cipher, sealingKey(platformKey.secret), nonce, { authTagLength: tagBytes });
  sealing.setAAD(ownerOf(account, id, platformKey));
  const hidden = [sealing.update(secret, 'utf8'), sealing.final()];
  return {
    id,
    sealed: Buffer.concat([Buffer.of(platformKey.number), nonce, ...hidden, sealing.getAuthTag()]),
  };
}

/** The number of the platform key that sealed it. */
export const sealingKeyNumber = ({ sealed }: SealedSecret): number => sealed[0] ?? 0;

/** The text of the secret. Throws if it was not sealed with this key, for this account and id. */
export function openSecret(
  platformKey: NumberedKey | undefined,
  account: string,
  { id, sealed }: SealedSecret,
): string {
  try {
    if (!platformKey || platformKey.number !== sealed[0]) throw new Error('This is not the platform key.');
    const nonce = sealed.subarray(1, 1 + sealingNonceBytes);
    const opening = createDecipheriv(cipher, sealingKey(platformKey.secret), nonce, {
      authTagLength: tagBytes,
    });
    opening.setAAD(ownerOf(account, id, platformKey));
    opening.setAuthTag(sealed.subarray(-tagBytes));
    const hidden = sealed.subarray(1 + sealingNonceBytes, -tagBytes);
    return Buffer.concat([opening.update(hidden), opening.final()]).toString('utf8');
  } catch (cause) {
    throw new SecretNotOpened(account, id, { cause });
  }
}

/** The set as it is stored. Undefined if no secret is left. The version is a digest of the whole set. */
export function sealedSecretsOf(
  secrets: readonly SealedSecret[],
  required: boolean,
): SealedSecrets | undefined {
  if (secrets.length === 0) return undefined;
  const digest = createHash('sha256').update(required ? 'required\n' : 'checked\n');
  for (const { id, sealed } of secrets) digest.update(`${id}#${Buffer.from(sealed).toString('base64')}\n`);
  return { version: digest.digest().subarray(0, 16).toString('base64url'), required, secrets };
}

/** Derived, because the platform key itself is only used for MACs. */
const sealingKey = (platformKey: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', platformKey, '', 'weir request signing', keyBytes));

/** Authenticated with the secret, so that a secret copied to another account or id does not open. */
const ownerOf = (account: string, id: string, { number }: NumberedKey): Buffer =>
  Buffer.from(`${account}#${id}#${number}`);
