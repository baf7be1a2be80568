// `weir account signing add`, `require`, `list` and `remove`: the secrets that an account signs its requests with. A change
// of secrets is to add the new one, move the clients, and remove the old one; and whoever begins without a pause adds one
// that is not required yet, moves the clients, and then requires it.

import {
  maxSigningSecrets,
  type SealedSecret,
  type SealedSecrets,
  sealedSecretsOf,
  sealingNonceBytes,
  sealSecret,
  signingSecretFrom,
  signingSecretRandomBytes,
} from '../domain/signing/signing-secrets.ts';
import { Refused } from './account-create.ts';
import { oneOf } from './one-of.ts';
import type { Operator } from './operator.ts';
import type { Verb } from './verbs.ts';

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

/** `required` is for the first secret of an account; with another one it stays as it is. */
export async function addSigningSecret(
  operator: Operator,
  account_id: string,
  requiredFromNow: boolean,
): Promise<AddedSecret> {
  const found = await secretsOf(operator, account_id);
  const before = found?.secrets ?? [];
  if (before.length >= maxSigningSecrets) {
    throw new Refused(
      `The account ${account_id} has ${before.length} signing secrets (${idsOf(found).join(', ')}), which is the most; remove one that no client uses: weir account signing remove --account ${account_id} --secret ID`,
    );
  }
  const { id, text } = signingSecretFrom(operator.random.bytes(signingSecretRandomBytes));
  const platformKey = await operator.platformKey.ensure();
  const sealed = sealSecret(platformKey, account_id, id, text, operator.random.bytes(sealingNonceBytes));
  const required = found?.required ?? requiredFromNow;
  const after = sealedSecretsOf([...before, sealed], required);
  await replace(operator, account_id, found, after);
  return { account_id, secret_id: id, signing_secret: text, required, secret_ids: idsOf(after) };
}

export async function requireSignatures(operator: Operator, account_id: string): Promise<SecretsOfAccount> {
  const found = await secretsOf(operator, account_id);
  if (!found) throw new Refused(`${hasNone(account_id)} Add one first.`);
  await replace(operator, account_id, found, sealedSecretsOf(found.secrets, true));
  return toldOf(account_id, found.secrets, true);
}

export async function listSigningSecrets(operator: Operator, account_id: string): Promise<SecretsOfAccount> {
  const found = await secretsOf(operator, account_id);
  return toldOf(account_id, found?.secrets ?? [], found?.required ?? false);
}

/** Tells which are left. */
export async function removeSigningSecret(
  operator: Operator,
  account_id: string,
  secretId: string,
): Promise<SecretsOfAccount> {
  const found = await secretsOf(operator, account_id);
  if (!found) throw new Refused(`${hasNone(account_id)} There is nothing to remove.`);
  const left = found.secrets.filter(({ id }) => id !== secretId);
  if (left.length === found.secrets.length) {
    throw new Refused(
      `The account ${account_id} has no signing secret "${secretId}"; give --secret one of ${idsOf(found).join(', ')}.`,
    );
  }
  await replace(operator, account_id, found, sealedSecretsOf(left, found.required));
  return toldOf(account_id, left, left.length > 0 && found.required);
}

const toldOf = (
  account_id: string,
  secrets: readonly SealedSecret[],
  required: boolean,
): SecretsOfAccount => ({ account_id, required, secret_ids: secrets.map(({ id }) => id) });

async function secretsOf(operator: Operator, account: string): Promise<SealedSecrets | undefined> {
  if (await operator.accounts.findAccount(account)) return operator.signingSecrets.find(account);
  throw new Refused(`There is no account "${account}"; check --account and --stage.`);
}

async function replace(
  { signingSecrets }: Operator,
  account: string,
  before: SealedSecrets | undefined,
  after: SealedSecrets | undefined,
): Promise<void> {
  if (await signingSecrets.replace(account, before?.version, after)) return;
  throw new Refused(
    `The signing secrets of ${account} changed meanwhile. Nothing was changed; look at them with list, and run it again.`,
  );
}

const idsOf = (secrets: SealedSecrets | undefined): readonly string[] =>
  secrets?.secrets.map(({ id }) => id) ?? [];

const hasNone = (account: string): string =>
  `The account ${account} has no signing secret: its requests need no signature.`;

const account = 'the id of the account';

export const accountSigningVerbs: readonly Verb[] = [
  {
    words: ['account', 'signing', 'add'],
    summary: 'add a signing secret, shown once; with the first one, requests have to be signed',
    options: {
      account,
      required: 'of the first secret: no, to check signatures and take requests without one, until require',
    },
    defaults: { required: 'yes' },
    run: async (operator, values) => {
      const required = oneOf('answer to --required', values.required, ['yes', 'no']) === 'yes';
      const added = await addSigningSecret(operator, values.account ?? '', required);
      return { json: added, text: textOfAdded(added) };
    },
  },
  {
    words: ['account', 'signing', 'require'],
    summary: 'refuse requests of an account without a signature from now on',
    options: { account },
    defaults: {},
    run: async (operator, values) => {
      const required = await requireSignatures(operator, values.account ?? '');
      return { json: required, text: mustSign(required.account_id) };
    },
  },
  {
    words: ['account', 'signing', 'list'],
    summary: 'list the ids of the signing secrets of an account',
    options: { account },
    defaults: {},
    run: async (operator, values) => {
      const listed = await listSigningSecrets(operator, values.account ?? '');
      const { account_id, required, secret_ids } = listed;
      const rule = required ? mustSign(account_id) : maySign(account_id);
      return {
        json: listed,
        text: secret_ids.length === 0 ? hasNone(account_id) : [...secret_ids, rule].join('\n'),
      };
    },
  },
  {
    words: ['account', 'signing', 'remove'],
    summary: 'remove a signing secret; without the last one the account need not sign any more',
    options: { account, secret: 'the id of the secret, as list prints it' },
    defaults: {},
    run: async (operator, values) => {
      const secret = values.secret ?? '';
      const left = await removeSigningSecret(operator, values.account ?? '', secret);
      const now =
        left.secret_ids.length === 0
          ? `That was the last one: requests of ${left.account_id} need no signature any more.`
          : `Good are signatures with ${left.secret_ids.join(' or ')}.`;
      return { json: left, text: `${secret} is removed. ${now}` };
    },
  },
];

const mustSign = (account: string): string =>
  `Every POST of ${account} has to be signed from now on; what is not is answered 401.`;
const maySign = (account: string): string =>
  `Requests of ${account} may go without a signature, and one that is sent has to be right. When all clients sign: weir account signing require --account ${account}`;

const textOfAdded = ({ account_id, secret_id, signing_secret, required, secret_ids }: AddedSecret): string =>
  [
    `account         ${account_id}`,
    `secret id       ${secret_id}`,
    `signing secret  ${signing_secret}`,
    'Keep the secret now: it is stored sealed, and it is not shown again.',
    (required ? mustSign : maySign)(account_id),
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
