// `weir account signing add`, `list` and `remove`: the secrets that an account signs its requests with. An account that
// has one has to sign; a change of secrets is to add the new one, move the clients, and remove the old one.

import {
  maxSigningSecrets,
  type SealedSecrets,
  sealedSecretsOf,
  sealingNonceBytes,
  sealSecret,
  signingSecretFrom,
  signingSecretRandomBytes,
} from '../domain/signing-secrets.ts';
import { Refused } from './account-create.ts';
import type { Operator } from './operator.ts';
import type { Verb } from './verbs.ts';

export type AddedSecret = {
  readonly account_id: string;
  readonly secret_id: string;
  readonly signing_secret: string;
  /** The ids of all that the account has now. */
  readonly secret_ids: readonly string[];
};

export type SecretsOfAccount = { readonly account_id: string; readonly secret_ids: readonly string[] };

export async function addSigningSecret(operator: Operator, account_id: string): Promise<AddedSecret> {
  const found = await secretsOf(operator, account_id);
  const before = found?.secrets ?? [];
  if (before.length >= maxSigningSecrets) {
    throw new Refused(
      `The account ${account_id} has ${before.length} signing secrets (${idsOf(found).join(', ')}), which is the most; remove one that no client uses: weir account signing remove --account ${account_id} --secret ID`,
    );
  }
  const { id, text } = signingSecretFrom(operator.ids.random(signingSecretRandomBytes));
  const platformKey = await operator.signingKey.ensure();
  const sealed = sealSecret(platformKey, account_id, id, text, operator.ids.random(sealingNonceBytes));
  const after = sealedSecretsOf([...before, sealed]);
  await replace(operator, account_id, found, after);
  return { account_id, secret_id: id, signing_secret: text, secret_ids: idsOf(after) };
}

export async function listSigningSecrets(operator: Operator, account_id: string): Promise<SecretsOfAccount> {
  return { account_id, secret_ids: idsOf(await secretsOf(operator, account_id)) };
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
  const after = sealedSecretsOf(left);
  await replace(operator, account_id, found, after);
  return { account_id, secret_ids: idsOf(after) };
}

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
    summary: 'add a signing secret, shown once; an account that has one must sign its requests',
    options: { account },
    defaults: {},
    run: async (operator, values) => {
      const added = await addSigningSecret(operator, values.account ?? '');
      return { json: added, text: textOfAdded(added) };
    },
  },
  {
    words: ['account', 'signing', 'list'],
    summary: 'list the ids of the signing secrets of an account',
    options: { account },
    defaults: {},
    run: async (operator, values) => {
      const listed = await listSigningSecrets(operator, values.account ?? '');
      return { json: listed, text: listed.secret_ids.join('\n') || hasNone(listed.account_id) };
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
          : `Requests of ${left.account_id} still have to be signed, with one of ${left.secret_ids.join(', ')}.`;
      return { json: left, text: `${secret} is removed. ${now}` };
    },
  },
];

const textOfAdded = ({ account_id, secret_id, signing_secret, secret_ids }: AddedSecret): string =>
  [
    `account         ${account_id}`,
    `secret id       ${secret_id}`,
    `signing secret  ${signing_secret}`,
    'Keep the secret now: it is stored sealed, and it is not shown again.',
    secret_ids.length === 1
      ? `From now on every POST of ${account_id} has to be signed; what is not is answered 401.`
      : `Any one of ${secret_ids.join(', ')} is good; remove the old one when no client uses it any more.`,
    '',
    'To sign the body in events.json, each try anew and within 5 minutes of the present:',
    `  SECRET='${signing_secret}'`,
    '  TIMESTAMP="$(date +%s)000"    # good for one try a second; GNU date: date +%s%3N',
    '  SIGNATURE="$({ printf \'%s.\' "$TIMESTAMP"; cat events.json; } |',
    '    openssl dgst -sha256 -hmac "$SECRET" -r | cut -d" " -f1)"',
    '  curl "$URL/v1/events" -H "x-api-key: $KEY" -H "content-type: application/json" \\',
    '    -H "X-Weir-Timestamp: $TIMESTAMP" -H "X-Weir-Signature: $SIGNATURE" --data-binary @events.json',
  ].join('\n');
