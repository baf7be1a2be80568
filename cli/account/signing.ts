// `weir account signing add`, `require`, `list` and `remove`: the secrets that an account signs its requests with. To
// change a secret: add a new one, move the clients to it, remove the old one. To start without an interruption: add one
// that is not required yet, move the clients to it, then require it.

import { Option } from '@commander-js/extra-typings';
import type { ToCommand } from '../terminal/commands.ts';
import { defineVerb, requiredAccount, type Verb } from '../verb.ts';
import {
  type AddedSecret,
  addSigningSecret,
  hasNone,
  listSigningSecrets,
  removeSigningSecret,
  requireSignatures,
} from './signing-secrets.ts';

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
            'for the first secret: no, to check signatures and accept requests without one, until require',
          )
            .choices(['yes', 'no'])
            .default('yes'),
        ),
    run: async (operator, { account, required }, _progress, toCommand) => {
      const added = await addSigningSecret(operator, account, required === 'yes');
      return { json: added, text: renderAdded(added, toCommand) };
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
    run: async (operator, { account }, _progress, toCommand) => {
      const listed = await listSigningSecrets(operator, account);
      const { account_id, required, secret_ids } = listed;
      const rule = required ? mustSign(account_id) : needNotSign(account_id, toCommand);
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
          : `Signatures with ${left.secret_ids.join(' or ')} are accepted.`;
      return { json: left, text: `${secret} is removed. ${now}` };
    },
  }),
];

const mustSign = (account: string): string =>
  `Every POST of ${account} has to be signed from now on; a request without a signature is answered 401.`;
const needNotSign = (account: string, toCommand: ToCommand): string =>
  `Requests of ${account} may go without a signature, and one that is sent has to be right. When all clients sign: ${toCommand(`account signing require --account ${account}`)}`;

const renderAdded = (
  { account_id, secret_id, signing_secret, required, secret_ids }: AddedSecret,
  toCommand: ToCommand,
): string =>
  [
    `account         ${account_id}`,
    `secret id       ${secret_id}`,
    `signing secret  ${signing_secret}`,
    'Keep the secret now: it is stored sealed, and it is not shown again.',
    required ? mustSign(account_id) : needNotSign(account_id, toCommand),
    ...(secret_ids.length === 1
      ? []
      : [
          `Any one of ${secret_ids.join(', ')} is accepted; remove the old one when no client uses it any more.`,
        ]),
    '',
    'To sign the body in events.json, anew for each attempt and within 5 minutes of now:',
    `  SECRET='${signing_secret}'`,
    '  TIMESTAMP="$(date +%s)000"    # good for one try a second; GNU date: date +%s%3N',
    '  SIGNATURE="$({ printf \'%s.\' "$TIMESTAMP"; cat events.json; } |',
    '    openssl dgst -sha256 -hmac "$SECRET" -r | cut -d" " -f1)"',
    '  curl "$URL/v1/events" -H "x-api-key: $KEY" -H "content-type: application/json" \\',
    '    -H "X-Weir-Timestamp: $TIMESTAMP" -H "X-Weir-Signature: $SIGNATURE" --data-binary @events.json',
  ].join('\n');
