// `weir account policy set`, `show` and `clear`: what an account does not want to be stored. A request is held against
// the policy that is in force when it arrives; what is stored already stays as it is.

import { readFile } from 'node:fs/promises';
import type { Account } from '../../domain/accounts/accounts.ts';
import { defaultPlaces, type PersonalDataPolicy } from '../../domain/personal-data/personal-data.ts';
import { policyName } from '../../domain/personal-data/policy-name.ts';
import { InvalidPolicy, readPolicy } from '../../domain/personal-data/policy-schema.ts';
import type { Operator } from '../operator.ts';
import type { Verb } from '../verbs.ts';
import { Refused } from './create.ts';

/** Both are null where no policy is in force. */
export type PolicyOfAccount = {
  readonly account_id: string;
  readonly policy_name: string | null;
  readonly policy: PersonalDataPolicy | null;
};

export async function setPolicy(
  operator: Operator,
  account_id: string,
  file: string,
): Promise<PolicyOfAccount> {
  const policy = await readPolicyFile(file);
  if (!(await operator.policies.assign(account_id, policy))) throw unknownAccount(account_id);
  return { account_id, policy_name: policyName(policy), policy };
}

export async function showPolicy(operator: Operator, account_id: string): Promise<PolicyOfAccount> {
  const { policy: policy_name } = await findAccount(operator, account_id);
  if (!policy_name) return withoutPolicy(account_id);
  const policy = await operator.policies.find(account_id, policy_name);
  if (policy) return { account_id, policy_name, policy };
  throw new Refused(
    `The policy ${policy_name} of the account ${account_id} is gone, so its events are not taken in. Set it again: weir account policy set --account ${account_id} --file policy.json`,
  );
}

export async function clearPolicy(operator: Operator, account_id: string): Promise<PolicyOfAccount> {
  if (!(await operator.policies.assign(account_id, undefined))) throw unknownAccount(account_id);
  return withoutPolicy(account_id);
}

const withoutPolicy = (account_id: string): PolicyOfAccount => ({
  account_id,
  policy_name: null,
  policy: null,
});

async function findAccount(operator: Operator, account_id: string): Promise<Account> {
  const account = await operator.accounts.findAccount(account_id);
  if (!account) throw unknownAccount(account_id);
  return account;
}

const unknownAccount = (account_id: string): Refused =>
  new Refused(`There is no account "${account_id}"; check --account and --stage.`);

async function readPolicyFile(file: string): Promise<PersonalDataPolicy> {
  const candidate = parse(file, await readText(file));
  try {
    return readPolicy(candidate);
  } catch (error) {
    if (!(error instanceof InvalidPolicy)) throw error;
    const faults = error.faults.map((fault) => `  ${fault}`);
    throw new Refused([`${file} is no policy; nothing was changed.`, ...faults].join('\n'));
  }
}

async function readText(file: string): Promise<string> {
  try {
    // Some editors begin a file with a byte-order mark.
    return (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
  } catch (error) {
    throw new Refused(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}); --file takes the path of a policy in JSON.`,
    );
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refused(`${file} is not JSON: ${(error as Error).message}. Nothing was changed.`);
  }
}

const account = 'the id of the account';

export const accountPolicyVerbs: readonly Verb[] = [
  {
    words: ['account', 'policy', 'set'],
    summary: 'say what personal data of an account is refused or redacted',
    options: {
      account,
      file: 'the policy in JSON, such as {"fields": [{"name": "*password*", "action": "refuse"}]}; see docs/ingest.md',
    },
    defaults: {},
    run: async (operator, values) => {
      const set = await setPolicy(operator, values.account ?? '', values.file ?? '');
      return { json: set, text: [textOf(set), ...dottedNames(set), fromNowOn].join('\n') };
    },
  },
  {
    words: ['account', 'policy', 'show'],
    summary: 'show the personal-data policy of an account',
    options: { account },
    defaults: {},
    run: async (operator, values) => {
      const shown = await showPolicy(operator, values.account ?? '');
      return { json: shown, text: textOf(shown) };
    },
  },
  {
    words: ['account', 'policy', 'clear'],
    summary: 'end the personal-data policy of an account',
    options: { account },
    defaults: {},
    run: async (operator, values) => {
      const cleared = await clearPolicy(operator, values.account ?? '');
      return { json: cleared, text: `${textOf(cleared)}\n${fromNowOn}` };
    },
  },
];

const fromNowOn = 'This applies to requests from now on; what is stored already stays as it is.';

/** Refusals tell paths, and whoever copies one into a policy would wait for it in vain. */
const dottedNames = ({ policy }: PolicyOfAccount): readonly string[] =>
  (policy?.fields ?? [])
    .filter(({ name }) => name.includes('.'))
    .map(({ name }) => `${name} is one field with a dot in its name, at any depth, and no path.`);

function textOf({ account_id, policy_name, policy }: PolicyOfAccount): string {
  if (!policy) return `The account ${account_id} has no policy: its events are stored as they are sent.`;
  const rules = [
    ...(policy.fields ?? []).map(({ name, action }) => [action, `metadata fields named ${name}`]),
    ...(policy.detectors ?? []).map(({ detect, action, in: places = defaultPlaces }) => [
      action,
      `${detect} in ${places.join(', ')}`,
    ]),
  ];
  return [
    `account  ${account_id}`,
    `policy   ${policy_name}`,
    ...rules.map(([action = '', what]) => `${action.padEnd(7)}  ${what}`),
  ].join('\n');
}
