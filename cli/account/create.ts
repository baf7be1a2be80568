// `weir account create`: an account, its place in the ladder of usage plans, and its first key. The secret is
// shown once: only its hash is kept.

import { Option } from '@commander-js/extra-typings';
import { type Account, firstSlots, planKeyTiedAfterMs } from '../../domain/accounts/accounts.ts';
import { auditEntries, auditedAccount } from '../../domain/accounts/audit.ts';
import { keyCreated, makeKey } from '../../domain/accounts/key-changes.ts';
import { probeAccount } from '../../domain/accounts/probe-account.ts';
import { type TierName, tierNames, tiers } from '../../domain/accounts/tiers.ts';
import type { Scope } from '../../domain/api/routes.ts';
import { isAccountId, isEnvironment } from '../../domain/keys.ts';
import type { StreamName } from '../../domain/record/streams.ts';
import { iso } from '../../domain/system/time.ts';
import { CliError, WrongUse } from '../errors.ts';
import { keepTheKey, scopesOption } from '../key/keys.ts';
import type { Operator } from '../operator.ts';
import { InvalidEnvironment } from '../tenants.ts';
import { renderMinute } from '../terminal/instants.ts';
import { defineVerb } from '../verb.ts';
import { prepareKey, settleKeys, usagePlanOf } from './plan-keys.ts';
import { assertHasStream, streamOption } from './stream.ts';

export type AccountRequest = {
  readonly account_id: string;
  readonly environment: string;
  readonly tier: TierName;
  /** Absent: the priority stream for the tier enterprise, if the stage has one. */
  readonly stream?: StreamName | undefined;
  readonly scopes: readonly Scope[];
};

export type CreatedAccount = {
  readonly account_id: string;
  readonly environment: string;
  readonly api_key: string;
  readonly scopes: readonly Scope[];
};

export class InvalidAccountId extends WrongUse {
  constructor(account: string) {
    super(
      `"${account}" is not an account id. Nothing was changed.`,
      'An account id is 1-63 of a-z, 0-9 and "-", and begins with a letter or digit.',
    );
  }
}

export class ReservedAccount extends WrongUse {
  constructor() {
    super(
      `${probeAccount} is the account of the platform's own probe. Nothing was changed.`,
      'Choose another account.',
    );
  }
}

export class AccountExists extends CliError {
  constructor(account: string) {
    super(
      `The account ${account} already exists. Nothing was changed.`,
      `Choose another id. If an interrupted run created it, its key was not shown: weir key create --account ${account}`,
    );
  }
}

/** It was deleted between two calls of this run. */
export class AccountDeleted extends CliError {
  constructor(account: string) {
    super(`The account ${account} was deleted meanwhile. Nothing was created.`, 'Run the same again.');
  }
}

export async function createAccount(operator: Operator, request: AccountRequest): Promise<CreatedAccount> {
  const { account_id, environment, scopes } = request;
  if (!isAccountId(account_id)) throw new InvalidAccountId(account_id);
  if (account_id === probeAccount) throw new ReservedAccount();
  if (!isEnvironment(environment)) throw new InvalidEnvironment(environment);
  assertHasStream(operator, request.stream);
  if (await operator.accounts.findAccount(account_id)) throw new AccountExists(account_id);
  const generation = await operator.accounts.generationOf(account_id);
  const tier = tiers[request.tier];
  const isPreferred = request.tier === 'enterprise' && operator.hasPriorityStream;
  const { stream = isPreferred ? 'priority' : 'standard' } = request;
  const usagePlan = usagePlanOf(operator, tier.requestsPerSecond);
  const planKey = await prepareKey(operator, account_id, usagePlan, () => false);
  const nowMs = operator.clock.now();
  const { key, secret } = makeKey(operator, { account: account_id, generation, environment, scopes }, nowMs);
  const account: Account = {
    id: account_id,
    createdAtMs: nowMs,
    tier: request.tier,
    overrides: {},
    status: 'active',
    ...firstSlots(tier.slots, stream),
    generation,
    planKey,
  };
  const entries = auditEntries(operator, nowMs, [
    { account: account_id, what: 'account.created', after: auditedAccount(account) },
    keyCreated(key),
  ]);
  const created = await operator.accounts.create(account, key, entries);
  // Of two operators at once, each may have taken or removed the key of the other.
  const inForce = await settleKeys(operator, account_id);
  if (!created) throw inForce ? new AccountExists(account_id) : new AccountDeleted(account_id);
  return { account_id, environment, api_key: secret, scopes };
}

export const accountCreate = defineVerb({
  words: ['account', 'create'],
  summary: 'create an account and its first key; the secret is shown once',
  examples: [
    'account create --account acme',
    'account create --account acme --tier enterprise --scopes ingest --json',
    'account create --account acme --local',
  ],
  options: (command) =>
    command
      .addOption(
        new Option('--account <id>', 'the id of the account: a-z, 0-9 and "-"').makeOptionMandatory(),
      )
      .option('--environment <name>', 'the environment of the key', 'production')
      .addOption(
        new Option('--tier <name>', 'what the account may send and how long events are kept')
          .choices(tierNames)
          .default('standard'),
      )
      .addOption(
        streamOption('the stream that its batches go to (priority for enterprise, if the stage has it)'),
      )
      .addOption(scopesOption()),
  run: async (operator, { account, ...request }) => {
    const created = await createAccount(operator, { account_id: account, ...request });
    // On AWS. In the twin the key can be used at once.
    const usableByMs = operator.clock.now() + planKeyTiedAfterMs;
    const text = [
      `account      ${created.account_id}`,
      `environment  ${created.environment}`,
      `scopes       ${created.scopes.join(', ')}`,
      `api key      ${created.api_key}`,
      `usable       in the twin at once, on AWS by ${renderMinute(usableByMs)} UTC`,
      keepTheKey,
    ];
    return { json: { ...created, usable_by: iso(usableByMs) }, text: text.join('\n') };
  },
});
