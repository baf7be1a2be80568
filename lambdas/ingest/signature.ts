// Checks the signature of a request if its account has signing secrets, before the body is parsed: what is not signed is
// not parsed. It never fails open: if a table is unavailable, the request is refused.

import type { ProblemCode } from '../../domain/api/problems.ts';
import type { PlatformKeys, SigningSecrets, UsedSignatures } from '../../domain/signing/port.ts';
import { signatureHeader, timestampHeader, verifySignature } from '../../domain/signing/request-signature.ts';
import { openSecret, sealingKeyNumber } from '../../domain/signing/signing-secrets.ts';
import { BoundedMap } from '../../domain/system/bounded-map.ts';
import type { Caller } from '../edge/caller.ts';
import { type HttpRequest, headerOf, ProblemError } from '../edge/http.ts';

export type SignatureDeps = {
  readonly signingSecrets: SigningSecrets;
  readonly platformKeys: PlatformKeys;
  readonly usedSignatures: UsedSignatures;
};

/** Rejects with a ProblemError if the signature is not valid, and with Unavailable if a table is. */
export type SignatureCheck = (
  caller: Caller,
  request: Pick<HttpRequest, 'headers'>,
  body: Uint8Array,
  nowMs: number,
) => Promise<void>;

type Opened = { readonly version: string; readonly required: boolean; readonly secrets: readonly string[] };

const maxCachedAccounts = 200;

const refusals = {
  missing: 'signature_required',
  malformed: 'signature_invalid',
  expired: 'signature_expired',
  wrong: 'signature_invalid',
} as const satisfies Record<string, ProblemCode>;

export function createSignatureCheck({
  signingSecrets,
  platformKeys,
  usedSignatures,
}: SignatureDeps): SignatureCheck {
  const cache = new BoundedMap<Opened>(maxCachedAccounts);

  /** The authorizer passes the version on, so that a cached entry ends when it learns of the next change. */
  async function secretsOf(account: string, version: string): Promise<Opened | undefined> {
    const cached = cache.get(account);
    if (cached?.version === version) return cached;
    const found = await signingSecrets.find(account);
    // Removed since the authorizer read the account, which is up to 30 s: its requests need no signature any more.
    if (!found) return undefined;
    const secrets = await Promise.all(
      found.secrets.map(async (sealed) =>
        openSecret(await platformKeys.find(sealingKeyNumber(sealed)), account, sealed),
      ),
    );
    // Another version than the authorizer read: a change is in flight. Use it for this request, but do not cache it.
    const opened = { version: found.version, required: found.required, secrets };
    if (found.version === version) cache.keep(account, opened);
    return opened;
  }

  return async (caller, request, body, nowMs) => {
    if (caller.signing === undefined) return;
    const timestamp = headerOf(request, timestampHeader);
    const signature = headerOf(request, signatureHeader);
    const opened = await secretsOf(caller.tenant.account, caller.signing);
    if (!opened) return;
    const { required, secrets } = opened;
    if (!required && timestamp === undefined && signature === undefined) return;
    const verdict = verifySignature({ timestamp, signature, body, secrets, nowMs });
    if (verdict.outcome !== 'valid') throw new ProblemError(refusals[verdict.outcome]);
    const first = await usedSignatures.use(caller.tenant.account, verdict.digest, nowMs, verdict.untilMs);
    if (!first) throw new ProblemError('signature_replayed');
  };
}
