// `weir account policy set`, `show` and `clear`: what an account does not want to be stored. The policy that is in force
// when a request arrives applies to it; events that are stored already stay as they are.

import { readFile } from 'node:fs/promises';
import { Option } from '@commander-js/extra-typings';
import type { Account } from '../../domain/accounts/accounts.ts';
import { type AuditedFields, auditEntry } from '../../domain/accounts/audit.ts';
import { defaultPlaces, type PersonalDataPolicy } from '../../domain/personal-data/personal-data.ts';
import { policyName } from '../../domain/personal-data/policy-name.ts';
import { CliError, UnknownAccount } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { defineVerb, requiredAccount, type Verb } from '../verb.ts';

/** Both are null where no policy is in force. */
export type PolicyOfAccount = {
  readonly account_id: string;
  readonly policy_name: string | null;
  readonly policy: PersonalDataPolicy | null;
};

export class UnreadablePolicyFile extends CliError {
  constructor(file: string, cause: unknown) {
    super(
      `${file} cannot be read (${(cause as NodeJS.ErrnoException).code}). Nothing was changed.`,
      '--file takes the path of a policy in JSON.',
      { cause },
    );
  }
}

export class PolicyNotJson extends CliError {
  constructor(file: string, cause: unknown) {
    super(`${file} is not JSON. Nothing was changed.`, 'Correct the file, and run the same again.', {
      cause,
    });
  }
}

export class PolicyRefused extends CliError {
  constructor(file: string, faults: readonly string[]) {
    super(
      [`${file} is not a policy. Nothing was changed.`, ...faults.map((fault) => `  ${fault}`)].join('\n'),
      'Correct these fields, and run the same again; docs/operate/accounts.md lists what a policy holds.',
    );
  }
}

/** An account names a policy that is not stored; its requests are refused until it has one again. */
export class PolicyMissing extends CliError {
  constructor(account: string, policy: string) {
    super(
      `The policy ${policy} of the account ${account} is missing, so its events are refused.`,
      `Set it again: weir account policy set --account ${account} --file policy.json`,
    );
  }
}

/** Another operator was faster. */
export class PolicyChanged extends CliError {
  constructor(account: string) {
    super(
      `The policy of ${account} changed meanwhile. Nothing was changed by this command.`,
      `Look at it, and run the same again: weir account policy show --account ${account}`,
    );
  }
}

export async function setPolicy(
  operator: Operator,
  account_id: string,
  file: string,
): Promise<PolicyOfAccount> {
  const policy = await readPolicyFile(file);
  await assign(operator, account_id, policy);
  return { account_id, policy_name: policyName(policy), policy };
}

export async function showPolicy(operator: Operator, account_id: string): Promise<PolicyOfAccount> {
  const { policy: policy_name } = await findAccount(operator, account_id);
  if (!policy_name) return withoutPolicy(account_id);
  const policy = await operator.policies.find(account_id, policy_name);
  if (policy) return { account_id, policy_name, policy };
  throw new PolicyMissing(account_id, policy_name);
}

export async function clearPolicy(operator: Operator, account_id: string): Promise<PolicyOfAccount> {
  await assign(operator, account_id, undefined);
  return withoutPolicy(account_id);
}

async function assign(
  operator: Operator,
  account: string,
  policy: PersonalDataPolicy | undefined,
): Promise<void> {
  const { policy: before } = await findAccount(operator, account);
  const after = policy && policyName(policy);
  // Unless its rules are lost: then they are written again.
  const isInForce = before === after && (!after || (await operator.policies.find(account, after)));
  if (isInForce) return;
  const audited = (name: string | undefined): AuditedFields =>
    name === undefined ? {} : { policy_name: name };
  const entry = auditEntry(operator, operator.clock.now(), {
    account,
    what: policy ? 'policy.set' : 'policy.cleared',
    before: audited(before),
    after: audited(after),
  });
  if (!(await operator.policies.assign(account, before, policy, [entry]))) throw new PolicyChanged(account);
}

const withoutPolicy = (account_id: string): PolicyOfAccount => ({
  account_id,
  policy_name: null,
  policy: null,
});

async function findAccount(operator: Operator, account_id: string): Promise<Account> {
  const account = await operator.accounts.findAccount(account_id);
  if (!account) throw new UnknownAccount(account_id);
  return account;
}

async function readPolicyFile(file: string): Promise<PersonalDataPolicy> {
  const candidate = parse(file, await readText(file));
  // Loaded only here: the schema takes a while to load.
  const { InvalidPolicy, readPolicy } = await import('../../domain/personal-data/policy-schema.ts');
  try {
    return readPolicy(candidate);
  } catch (error) {
    if (!(error instanceof InvalidPolicy)) throw error;
    throw new PolicyRefused(file, error.faults);
  }
}

async function readText(file: string): Promise<string> {
  try {
    // Some editors begin a file with a byte-order mark.
    return (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
  } catch (cause) {
    throw new UnreadablePolicyFile(file, cause);
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PolicyNotJson(file, cause);
  }
}

export const accountPolicyVerbs: readonly Verb[] = [
  defineVerb({
    words: ['account', 'policy', 'set'],
    summary: 'set what personal data of an account is refused or redacted',
    examples: ['account policy set --account acme --file policy.json'],
    options: (command) =>
      command
        .addOption(requiredAccount())
        .addOption(
          new Option(
            '--file <path>',
            'the policy in JSON, such as {"fields": [{"name": "*password*", "action": "refuse"}]}; see docs/operate/accounts.md',
          ).makeOptionMandatory(),
        ),
    run: async (operator, { account, file }) => {
      const set = await setPolicy(operator, account, file);
      return { json: set, text: [renderPolicy(set), ...dottedNames(set), fromNowOn].join('\n') };
    },
  }),
  defineVerb({
    words: ['account', 'policy', 'show'],
    summary: 'show the personal-data policy of an account',
    examples: ['account policy show --account acme'],
    options: (command) => command.addOption(requiredAccount()),
    run: async (operator, { account }) => {
      const shown = await showPolicy(operator, account);
      return { json: shown, text: renderPolicy(shown) };
    },
  }),
  defineVerb({
    words: ['account', 'policy', 'clear'],
    summary: 'end the personal-data policy of an account',
    examples: ['account policy clear --account acme'],
    options: (command) => command.addOption(requiredAccount()),
    run: async (operator, { account }) => {
      const cleared = await clearPolicy(operator, account);
      return { json: cleared, text: `${renderPolicy(cleared)}\n${fromNowOn}` };
    },
  }),
];

const fromNowOn = 'This applies to requests from now on; what is stored already stays as it is.';

/** A refusal names the path of a field. Copied into a policy, the path would match nothing. */
const dottedNames = ({ policy }: PolicyOfAccount): readonly string[] =>
  (policy?.fields ?? [])
    .filter(({ name }) => name.includes('.'))
    .map(({ name }) => `${name} is one field with a dot in its name, at any depth, and no path.`);

function renderPolicy({ account_id, policy_name, policy }: PolicyOfAccount): string {
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
