// What the verbs of `weir account signing` do to the secrets of an account. Secrets are replaced as a whole and only as
// they were read, so that of two operators at once one is refused.

import { type AuditedFields, auditEntry } from '../../domain/accounts/audit.ts';
import {
  maxSigningSecrets,
  type SealedSecret,
  type SealedSecrets,
  sealedSecretsOf,
  sealingNonceBytes,
  sealSecret,
  signingSecretFrom,
  signingSecretRandomBytes,
} from '../../domain/signing/signing-secrets.ts';
import { CliError, UnknownAccount } from '../errors.ts';
import type { Operator } from '../operator.ts';

export type AddedSecret = {
  readonly account_id: string;
  readonly secret_id: string;
  readonly signing_secret: string;
  /** Whether requests without a signature are refused. */
  readonly required: boolean;
  /** The ids of all that the account has now. */
  readonly secret_ids: readonly string[];
};

export type SecretsOfAccount = {
  readonly account_id: string;
  readonly required: boolean;
  readonly secret_ids: readonly string[];
};

export class TooManySecrets extends CliError {
  constructor(account: string, ids: readonly string[]) {
    super(
      `The account ${account} has ${ids.length} signing secrets (${ids.join(', ')}), which is the most. Nothing was changed.`,
      `Remove one that no client uses: weir account signing remove --account ${account} --secret ID`,
    );
  }
}

export class NoSigningSecret extends CliError {
  constructor(account: string, next: string) {
    super(hasNone(account), next);
  }
}

export class UnknownSecret extends CliError {
  constructor(account: string, secret: string, known: readonly string[]) {
    super(
      `The account ${account} has no signing secret "${secret}". Nothing was changed.`,
      `To remove one, give --secret one of ${known.join(', ')}.`,
    );
  }
}

/** Another operator was faster. */
export class SecretsChanged extends CliError {
  constructor(account: string) {
    super(
      `The signing secrets of ${account} changed meanwhile. Nothing was changed by this command.`,
      `Look at them, and run the same again: weir account signing list --account ${account}`,
    );
  }
}

/** `requiredFromNow` applies to the first secret of an account; a further one does not change whether it must sign. */
export async function addSigningSecret(
  operator: Operator,
  account_id: string,
  requiredFromNow: boolean,
): Promise<AddedSecret> {
  const found = await secretsOf(operator, account_id);
  const before = found?.secrets ?? [];
  if (before.length >= maxSigningSecrets) {
    throw new TooManySecrets(account_id, idsOf(found));
  }
  const { id, text } = signingSecretFrom(operator.random.bytes(signingSecretRandomBytes));
  const platformKey = await operator.platformKeys.current();
  const sealed = sealSecret(platformKey, account_id, id, text, operator.random.bytes(sealingNonceBytes));
  const required = found?.required ?? requiredFromNow;
  const after = sealedSecretsOf([...before, sealed], required);
  await replace(operator, account_id, 'signing.added', found, after);
  return { account_id, secret_id: id, signing_secret: text, required, secret_ids: idsOf(after) };
}

export async function requireSignatures(operator: Operator, account_id: string): Promise<SecretsOfAccount> {
  const found = await secretsOf(operator, account_id);
  if (!found)
    throw new NoSigningSecret(account_id, `Add one first: weir account signing add --account ${account_id}`);
  if (!found.required)
    await replace(operator, account_id, 'signing.required', found, sealedSecretsOf(found.secrets, true));
  return summaryOf(account_id, found.secrets, true);
}

export async function listSigningSecrets(operator: Operator, account_id: string): Promise<SecretsOfAccount> {
  const found = await secretsOf(operator, account_id);
  return summaryOf(account_id, found?.secrets ?? [], found?.required ?? false);
}

/** Resolves to the secrets that are left. */
export async function removeSigningSecret(
  operator: Operator,
  account_id: string,
  secretId: string,
): Promise<SecretsOfAccount> {
  const found = await secretsOf(operator, account_id);
  if (!found) throw new NoSigningSecret(account_id, 'There is nothing to remove.');
  const left = found.secrets.filter(({ id }) => id !== secretId);
  if (left.length === found.secrets.length) {
    throw new UnknownSecret(account_id, secretId, idsOf(found));
  }
  await replace(operator, account_id, 'signing.removed', found, sealedSecretsOf(left, found.required));
  return summaryOf(account_id, left, left.length > 0 && found.required);
}

const summaryOf = (
  account_id: string,
  secrets: readonly SealedSecret[],
  required: boolean,
): SecretsOfAccount => ({ account_id, required, secret_ids: secrets.map(({ id }) => id) });

async function secretsOf(operator: Operator, account: string): Promise<SealedSecrets | undefined> {
  if (await operator.accounts.findAccount(account)) return operator.signingSecrets.find(account);
  throw new UnknownAccount(account);
}

async function replace(
  operator: Operator,
  account: string,
  what: 'signing.added' | 'signing.required' | 'signing.removed',
  before: SealedSecrets | undefined,
  after: SealedSecrets | undefined,
): Promise<void> {
  const entry = auditEntry(operator, operator.clock.now(), {
    account,
    what,
    before: audited(before),
    after: audited(after),
  });
  if (await operator.signingSecrets.replace(account, before?.version, after, [entry])) return;
  throw new SecretsChanged(account);
}

const audited = (secrets: SealedSecrets | undefined): AuditedFields => ({
  required: secrets?.required ?? false,
  secret_ids: idsOf(secrets),
});

const idsOf = (secrets: SealedSecrets | undefined): readonly string[] =>
  secrets?.secrets.map(({ id }) => id) ?? [];

export const hasNone = (account: string): string =>
  `The account ${account} has no signing secret: its requests need no signature.`;
