// `weir account signing add`, `require`, `list` and `remove`: the secrets that an account signs its requests with. To
// change a secret: add a new one, move the clients to it, remove the old one. To start without an interruption: add one
// that is not required yet, move the clients to it, then require it.

import { Option } from '@commander-js/extra-typings';
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
import { defineVerb, requiredAccount, type Verb } from '../verb.ts';

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
  const { id, text } = signingSecretFrom(operator.ids.random(signingSecretRandomBytes));
  const platformKey = await operator.signingKey.ensure();
  const sealed = sealSecret(platformKey, account_id, id, text, operator.ids.random(sealingNonceBytes));
  const required = found?.required ?? requiredFromNow;
  const after = sealedSecretsOf([...before, sealed], required);
  await replace(operator, account_id, found, after);
  return { account_id, secret_id: id, signing_secret: text, required, secret_ids: idsOf(after) };
}

export async function requireSignatures(operator: Operator, account_id: string): Promise<SecretsOfAccount> {
  const found = await secretsOf(operator, account_id);
  if (!found) throw new NoSigningSecret(account_id, 'Add one first: weir account signing add');
  await replace(operator, account_id, found, sealedSecretsOf(found.secrets, true));
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
  await replace(operator, account_id, found, sealedSecretsOf(left, found.required));
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
  { signingSecrets }: Operator,
  account: string,
  before: SealedSecrets | undefined,
  after: SealedSecrets | undefined,
): Promise<void> {
  if (await signingSecrets.replace(account, before?.version, after)) return;
  throw new SecretsChanged(account);
}

const idsOf = (secrets: SealedSecrets | undefined): readonly string[] =>
  secrets?.secrets.map(({ id }) => id) ?? [];

const hasNone = (account: string): string =>
  `The account ${account} has no signing secret: its requests need no signature.`;

export const accountSigningVerbs: readonly Verb[] = [
  defineVerb({
    words: ['account', 'signing', 'add'],
    summary: 'add a signing secret, shown once; from the first one on, requests have to be signed',
    examples: ['account signing add --account acme', 'account signing add --account acme --required no'],
    options: (command) =>
      command
        .addOption(requiredAccount())
        .addOption(
          new Option(
            '--required <answer>',
            'of the first secret: no, to check signatures and accept requests without one, until require',
          )
            .choices(['yes', 'no'])
            .default('yes'),
        ),
    run: async (operator, { account, required }) => {
      const added = await addSigningSecret(operator, account, required === 'yes');
      return { json: added, text: renderAdded(added) };
    },
  }),
  defineVerb({
    words: ['account', 'signing', 'require'],
    summary: 'refuse requests of an account without a signature from now on',
    examples: ['account signing require --account acme'],
    options: (command) => command.addOption(requiredAccount()),
    run: async (operator, { account }) => {
      const required = await requireSignatures(operator, account);
      return { json: required, text: mustSign(required.account_id) };
    },
  }),
  defineVerb({
    words: ['account', 'signing', 'list'],
    summary: 'list the ids of the signing secrets of an account',
    examples: ['account signing list --account acme'],
    options: (command) => command.addOption(requiredAccount()),
    run: async (operator, { account }) => {
      const listed = await listSigningSecrets(operator, account);
      const { account_id, required, secret_ids } = listed;
      const rule = required ? mustSign(account_id) : needNotSign(account_id);
      return {
        json: listed,
        text: secret_ids.length === 0 ? hasNone(account_id) : [...secret_ids, rule].join('\n'),
      };
    },
  }),
  defineVerb({
    words: ['account', 'signing', 'remove'],
    summary: 'remove a signing secret; without the last one the account need not sign any more',
    examples: ['account signing remove --account acme --secret 0123456789ab'],
    options: (command) =>
      command
        .addOption(requiredAccount())
        .addOption(
          new Option('--secret <id>', 'the id of the secret, as list prints it').makeOptionMandatory(),
        ),
    run: async (operator, { account, secret }) => {
      const left = await removeSigningSecret(operator, account, secret);
      const now =
        left.secret_ids.length === 0
          ? `That was the last one: requests of ${left.account_id} need no signature any more.`
          : `Good are signatures with ${left.secret_ids.join(' or ')}.`;
      return { json: left, text: `${secret} is removed. ${now}` };
    },
  }),
];

const mustSign = (account: string): string =>
  `Every POST of ${account} has to be signed from now on; what is not is answered 401.`;
const needNotSign = (account: string): string =>
  `Requests of ${account} may go without a signature, and one that is sent has to be right. When all clients sign: weir account signing require --account ${account}`;

const renderAdded = ({ account_id, secret_id, signing_secret, required, secret_ids }: AddedSecret): string =>
  [
    `account         ${account_id}`,
    `secret id       ${secret_id}`,
    `signing secret  ${signing_secret}`,
    'Keep the secret now: it is stored sealed, and it is not shown again.',
    (required ? mustSign : needNotSign)(account_id),
    ...(secret_ids.length === 1
      ? []
      : [`Any one of ${secret_ids.join(', ')} is good; remove the old one when no client uses it any more.`]),
    '',
    'To sign the body in events.json, each try anew and within 5 minutes of the present:',
    `  SECRET='${signing_secret}'`,
    '  TIMESTAMP="$(date +%s)000"    # good for one try a second; GNU date: date +%s%3N',
    '  SIGNATURE="$({ printf \'%s.\' "$TIMESTAMP"; cat events.json; } |',
    '    openssl dgst -sha256 -hmac "$SECRET" -r | cut -d" " -f1)"',
    '  curl "$URL/v1/events" -H "x-api-key: $KEY" -H "content-type: application/json" \\',
    '    -H "X-Weir-Timestamp: $TIMESTAMP" -H "X-Weir-Signature: $SIGNATURE" --data-binary @events.json',
  ].join('\n');
