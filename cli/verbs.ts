// The operator's verbs, as data: what each takes, and what it does. One file per verb does the work.

import { type TierName, tiers } from '../domain/accounts/tiers.ts';
import { scopes as knownScopes, type Scope } from '../domain/api/routes.ts';
import { createAccount } from './account/create.ts';
import { accountPolicyVerbs } from './account/policy.ts';
import { accountSigningVerbs } from './account/signing.ts';
import { oneOf } from './one-of.ts';
import type { Operator } from './operator.ts';
import { quarantineListVerb } from './quarantine/list.ts';
import { quarantineSettleVerbs } from './quarantine/settle.ts';
import { quarantineShowVerb } from './quarantine/show.ts';
import { replayVerb } from './replay/replay.ts';

export type Values = Readonly<Record<string, string | undefined>>;

export type Verb = {
  readonly words: readonly string[];
  readonly summary: string;
  /** Option names with what they mean; a value in `defaults` makes one optional. */
  readonly options: Readonly<Record<string, string>>;
  readonly defaults: Values;
  /** Options that take no value. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly run: (operator: Operator, values: Values, call: Call) => Promise<Result>;
};

export type Call = {
  readonly flags: ReadonlySet<string>;
  /** A line for whoever waits, apart from the result. */
  readonly progress: (line: string) => void;
};

/** `code` is the exit code where that is not 0: the work ended, and something was not done. */
export type Result = { readonly json: unknown; readonly text: string; readonly code?: 1 };

export const verbs: readonly Verb[] = [
  {
    words: ['account', 'create'],
    summary: 'create an account and its first key; the secret is shown once',
    options: {
      account: 'the id of the account: a-z, 0-9 and "-"',
      environment: 'the environment of the key',
      tier: `one of ${Object.keys(tiers).join(', ')}`,
      scopes: `of the key, comma-separated: ${knownScopes.join(', ')}`,
    },
    defaults: { environment: 'production', tier: 'standard', scopes: 'ingest,read' },
    run: async (operator, values) => {
      const created = await createAccount(operator, {
        account_id: values.account ?? '',
        environment: values.environment ?? '',
        tier: oneOf('tier', values.tier, Object.keys(tiers) as TierName[]),
        scopes: (values.scopes ?? '').split(',').map((scope) => oneOf<Scope>('scope', scope, knownScopes)),
      });
      const text = [
        `account      ${created.account_id}`,
        `environment  ${created.environment}`,
        `scopes       ${created.scopes.join(', ')}`,
        `api key      ${created.api_key}`,
        'Keep the key now: only its hash is stored, and it is not shown again.',
      ];
      return { json: created, text: text.join('\n') };
    },
  },
  ...accountPolicyVerbs,
  ...accountSigningVerbs,
  quarantineListVerb,
  quarantineShowVerb,
  ...quarantineSettleVerbs,
  replayVerb,
];
