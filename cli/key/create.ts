// `weir key create`: a further key of an account. The secret is shown once: only its hash is kept.

import { auditEntry } from '../../domain/accounts/audit.ts';
import { keyCreated, makeKey } from '../../domain/accounts/key-changes.ts';
import { type CreatedKey, toCreatedKey } from '../../domain/accounts/shown-keys.ts';
import type { Scope } from '../../domain/api/routes.ts';
import { isEnvironment } from '../../domain/keys.ts';
import { UnknownAccount } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { findAccount, InvalidEnvironment } from '../tenants.ts';
import { readDuration, renderMinute } from '../terminal/instants.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { keepTheKey, scopesOption } from './keys.ts';

export type KeyRequest = {
  readonly account_id: string;
  readonly environment: string;
  readonly scopes: readonly Scope[];
  readonly expiresInMs?: number;
};

export async function createKey(operator: Operator, request: KeyRequest): Promise<CreatedKey> {
  const { account_id, environment, ...rest } = request;
  if (!isEnvironment(environment)) throw new InvalidEnvironment(environment);
  // Before a secret is made of its name.
  const { generation } = await findAccount(operator, account_id);
  const nowMs = operator.clock.now();
  const made = makeKey(operator, { account: account_id, generation, environment, ...rest }, nowMs);
  const entry = auditEntry(operator, nowMs, keyCreated(made.key));
  if (!(await operator.keys.add(made.key, entry))) throw new UnknownAccount(account_id);
  return toCreatedKey(made);
}

export const renderCreatedKey = (created: CreatedKey): string[] => [
  `account      ${created.account_id}`,
  `key          ${created.key_id}`,
  `environment  ${created.environment}`,
  `scopes       ${created.scopes.join(', ')}`,
  `expires      ${created.expires_at ? `${renderMinute(Date.parse(created.expires_at))} UTC` : 'never'}`,
  `api key      ${created.api_key}`,
  keepTheKey,
];

export const keyCreate = defineVerb({
  words: ['key', 'create'],
  summary: 'create a further key of an account; the secret is shown once',
  examples: [
    'key create --account acme',
    'key create --account acme --environment staging --scopes ingest --expires-in 90d',
  ],
  options: (command) =>
    command
      .addOption(requiredAccount())
      .option('--environment <name>', 'the environment of the key', 'production')
      .addOption(scopesOption())
      .option('--expires-in <duration>', 'the key ends after it, such as 12h or 90d'),
  run: async (operator, { account, environment, scopes, expiresIn }) => {
    const created = await createKey(operator, {
      account_id: account,
      environment,
      scopes,
      ...(expiresIn !== undefined && { expiresInMs: readDuration('expires-in', expiresIn) }),
    });
    return { json: created, text: renderCreatedKey(created).join('\n') };
  },
});
