import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryAccounts } from '../../../../adapters/accounts/memory-accounts.ts';
import { MemoryPlatformKeys } from '../../../../adapters/signing/memory-platform-keys.ts';
import { MemorySigningSecrets } from '../../../../adapters/signing/memory-signing-secrets.ts';
import { MemoryUsedSignatures } from '../../../../adapters/signing/memory-used-signatures.ts';
import { problems } from '../../../../domain/api/problems.ts';
import type { PlatformKeys, SigningSecrets, UsedSignatures } from '../../../../domain/signing/port.ts';
import { signatureToleranceMs, signRequest } from '../../../../domain/signing/request-signature.ts';
import {
  SecretNotOpened,
  type SigningSecret,
  sealedSecretsOf,
  sealingNonceBytes,
  sealSecret,
  signingSecretFrom,
  signingSecretRandomBytes,
} from '../../../../domain/signing/signing-secrets.ts';
import { minuteMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { ProblemError } from '../../../../lambdas/edge/http.ts';
import { createSignatureCheck, type SignatureCheck } from '../../../../lambdas/ingest/signature.ts';
import { seededRandom, TestClock } from '../../../support/clock.ts';
import { caller, httpRequest } from '../../../support/requests.ts';

const random = seededRandom();
const body = Buffer.from('[{"type":"login"}]');
const [first, second] = [newSecret(), newSecret()];

let accounts: MemoryAccounts;
let signingSecrets: MemorySigningSecrets;
let platformKeys: MemoryPlatformKeys;
let usedSignatures: MemoryUsedSignatures;
let clock: TestClock;
let check: SignatureCheck;
beforeEach(async () => {
  accounts = new MemoryAccounts();
  signingSecrets = new MemorySigningSecrets(accounts);
  platformKeys = new MemoryPlatformKeys(random);
  usedSignatures = new MemoryUsedSignatures();
  clock = new TestClock();
  check = createSignatureCheck({ signingSecrets, platformKeys, usedSignatures });
  await has('acme', first);
});

function newSecret(): SigningSecret {
  return signingSecretFrom(random.bytes(signingSecretRandomBytes));
}

/** Gives the account these secrets and no others. */
async function has(account: string, ...secrets: SigningSecret[]): Promise<void> {
  await accounts.create(
    {
      id: account,
      createdAtMs: 0,
      tier: 'standard',
      overrides: {},
      status: 'active',
      mostSlots: 4,
      generation: 0,
      planKey: 'plan',
    },
    {
      id: account,
      account,
      generation: 0,
      environment: 'production',
      scopes: ['ingest'],
      hash: new Uint8Array(),
      createdAtMs: 0,
      createdBy: 'operator ada',
    },
    [],
  );
  const key = await platformKeys.current();
  const sealed = secrets.map(({ id, text }) =>
    sealSecret(key, account, id, text, random.bytes(sealingNonceBytes)),
  );
  const before = await signingSecrets.find(account);
  const after = sealedSecretsOf(sealed, true);
  expect(await signingSecrets.replace(account, before?.version, after, [])).toBe(true);
}

/** Makes the signature optional, with the same secrets. */
async function isMovedToSigning(account: string): Promise<void> {
  const before = await signingSecrets.find(account);
  const after = sealedSecretsOf(before?.secrets ?? [], false);
  expect(await signingSecrets.replace(account, before?.version, after, [])).toBe(true);
}

/** The version that the authorizer passes on. */
const versionOf = async (account = 'acme') => (await accounts.findAccount(account))?.signing;

const signedWith = (secret: SigningSecret, timestampMs = clock.nowMs): Record<string, string> => ({
  'x-weir-timestamp': String(timestampMs),
  'X-WEIR-SIGNATURE': signRequest(secret.text, timestampMs, body),
});

type Try = { headers?: Record<string, string>; signing?: string | undefined; account?: string };
/** Each at another time, so that signatures differ. */
async function post(attempt: Try = {}): Promise<string> {
  clock.nowMs += 1;
  const { account = 'acme', headers = signedWith(first) } = attempt;
  const signing = 'signing' in attempt ? attempt.signing : await versionOf(account);
  const from = {
    ...caller,
    tenant: { account, environment: 'production', generation: 0 },
    ...(signing && { signing }),
  };
  return check(from, httpRequest({ headers }), body, clock.nowMs).then(
    () => 'served',
    (error) => (error instanceof ProblemError ? error.code : error),
  );
}

describe('while the clients of an account are moved to signing', () => {
  beforeEach(() => isMovedToSigning('acme'));

  it('a request without a signature is served, and one with a signature only if it is valid', async () => {
    expect(await post({ headers: {} })).toBe('served');
    expect(await post({ headers: signedWith(first) })).toBe('served');
    expect(await post({ headers: signedWith(second) })).toBe('signature_invalid');
    expect(await post({ headers: { 'X-Weir-Signature': '0'.repeat(64) } })).toBe('signature_required');
  });

  it('a signature is required from the next request after it became mandatory', async () => {
    expect(await post({ headers: {} })).toBe('served');
    await has('acme', first);

    expect(await post({ headers: {} })).toBe('signature_required');
  });
});

describe('a request of an account with signing secrets', () => {
  it('is served when it is signed with any one of them', async () => {
    await has('acme', first, second);

    expect(await post({ headers: signedWith(first) })).toBe('served');
    expect(await post({ headers: signedWith(second) })).toBe('served');
  });

  it.each<[string, () => Record<string, string>, string]>([
    ['not signed', () => ({}), 'signature_required'],
    ['without a time', () => ({ 'X-Weir-Signature': '0'.repeat(64) }), 'signature_required'],
    ['without a signature', () => ({ 'X-Weir-Timestamp': String(clock.nowMs) }), 'signature_required'],
    ['with garbage', () => ({ ...signedWith(first), 'X-WEIR-SIGNATURE': 'ä' }), 'signature_invalid'],
    [
      'with an invalid time',
      () => ({ ...signedWith(first), 'x-weir-timestamp': 'now' }),
      'signature_invalid',
    ],
    ['signed with the secret of another account', () => signedWith(second), 'signature_invalid'],
    ['too old', () => signedWith(first, clock.nowMs - signatureToleranceMs - minuteMs), 'signature_expired'],
    [
      'of the future',
      () => signedWith(first, clock.nowMs + signatureToleranceMs + minuteMs),
      'signature_expired',
    ],
  ])('%s gets 401 with its own code', async (_, headers, code) => {
    expect(await post({ headers: headers() })).toBe(code);
    expect(problems[code as keyof typeof problems].status).toBe(401);
  });
});

it('a request of an account without signing secrets needs no signature, and none is checked', async () => {
  expect(await post({ headers: {}, signing: undefined })).toBe('served');
  expect(await post({ headers: signedWith(second), signing: undefined })).toBe('served');
  expect(await post({ headers: { 'X-Weir-Signature': 'ä' }, signing: undefined })).toBe('served');
});

describe('a signature', () => {
  it('is accepted once, until it expires', async () => {
    const headers = signedWith(first, clock.nowMs + signatureToleranceMs);
    expect(await post({ headers })).toBe('served');

    expect(await post({ headers })).toBe('signature_replayed');
    const capitals = { ...headers, 'X-WEIR-SIGNATURE': String(headers['X-WEIR-SIGNATURE']).toUpperCase() };
    expect(await post({ headers: capitals })).toBe('signature_replayed');
    clock.nowMs += 2 * signatureToleranceMs - 10;
    expect(await post({ headers })).toBe('signature_replayed');
    clock.nowMs += 10;
    expect(await post({ headers })).toBe('signature_expired');
  });

  it('is remembered for at most a minute longer than it is valid, because our clocks differ', async () => {
    const use = vi.spyOn(usedSignatures, 'use');

    await post();

    const [, , nowMs, untilMs] = use.mock.lastCall ?? [];
    expect(Number(untilMs) - Number(nowMs)).toBeLessThanOrEqual(signatureToleranceMs + minuteMs);
    expect(Number(untilMs) - Number(nowMs)).toBeGreaterThan(signatureToleranceMs);
  });

  it('that is wrong is not remembered', async () => {
    const use = vi.spyOn(usedSignatures, 'use');

    await post({ headers: signedWith(second) });

    expect(use).not.toHaveBeenCalled();
  });

  it('of one request differs from that of the next', async () => {
    expect(await post()).toBe('served');
    expect(await post()).toBe('served');
  });
});

describe('the secrets', () => {
  it('are read once for each version of them', async () => {
    const find = vi.spyOn(signingSecrets, 'find');

    await post();
    await post();
    expect(find).toHaveBeenCalledTimes(1);

    await has('acme', first, second);
    find.mockClear();
    await post({ headers: signedWith(second) });
    await post();
    expect(find).toHaveBeenCalledTimes(1);
  });

  it('are invalid from the first request after their removal', async () => {
    await has('acme', first, second);
    expect(await post({ headers: signedWith(first) })).toBe('served');

    await has('acme', second);

    expect(await post({ headers: signedWith(first) })).toBe('signature_invalid');
    expect(await post({ headers: signedWith(second) })).toBe('served');
  });

  it('are read each time, and not cached, while a change is in flight', async () => {
    const before = await versionOf();
    await has('acme', second);
    const find = vi.spyOn(signingSecrets, 'find');

    expect(await post({ headers: signedWith(first), signing: before })).toBe('signature_invalid');
    expect(await post({ headers: signedWith(second), signing: before })).toBe('served');
    expect(find).toHaveBeenCalledTimes(2);
    expect(await post({ headers: signedWith(second) })).toBe('served');
    expect(find).toHaveBeenCalledTimes(3);
  });

  it('that were all removed, which the authorizer learns of later, are not asked for', async () => {
    const before = await versionOf();
    expect(await signingSecrets.replace('acme', before, undefined, [])).toBe(true);

    expect(await post({ headers: signedWith(first), signing: before })).toBe('served');
    expect(await post({ headers: {}, signing: before })).toBe('served');
  });

  it('of one account are invalid for another', async () => {
    await has('other', second);

    expect(await post({ account: 'other', headers: signedWith(first) })).toBe('signature_invalid');
    expect(await post({ account: 'other', headers: signedWith(second) })).toBe('served');
  });

  it('are cached for 200 accounts, and those of the oldest are read again', async () => {
    const names = Array.from({ length: 201 }, (_, index) => `account-${index}`);
    for (const name of names) await has(name, first);
    const find = vi.spyOn(signingSecrets, 'find');
    for (const account of names) expect(await post({ account })).toBe('served');
    find.mockClear();

    expect(await post({ account: 'account-200' })).toBe('served');
    expect(await post({ account: 'account-1' })).toBe('served');
    expect(find).not.toHaveBeenCalled();
    expect(await post({ account: 'account-0' })).toBe('served');
    expect(find).toHaveBeenCalledTimes(1);
  });

  it('that were sealed with another key are an internal error, and no request is served', async () => {
    check = createSignatureCheck({
      signingSecrets,
      platformKeys: new MemoryPlatformKeys(random),
      usedSignatures,
    });

    expect(await post()).toBeInstanceOf(SecretNotOpened);
  });
});

describe('an unavailable table', () => {
  const unavailable = () => Promise.reject(new Unavailable('unavailable'));
  const noSecrets: SigningSecrets = { find: unavailable, replace: unavailable };
  const noKey: PlatformKeys = { find: unavailable, current: unavailable };
  const noUsedSignatures: UsedSignatures = { use: unavailable };

  it.each([
    ['of the secrets', { signingSecrets: noSecrets }],
    ['of the key', { platformKeys: noKey }],
    ['of used signatures', { usedSignatures: noUsedSignatures }],
  ])('%s lets no request through', async (_, broken) => {
    check = createSignatureCheck({ signingSecrets, platformKeys, usedSignatures, ...broken });

    expect(await post()).toBeInstanceOf(Unavailable);
  });

  it('has no lasting effect: the next request is served', async () => {
    vi.spyOn(signingSecrets, 'find').mockImplementationOnce(unavailable);

    expect(await post()).toBeInstanceOf(Unavailable);
    expect(await post()).toBe('served');
  });
});
