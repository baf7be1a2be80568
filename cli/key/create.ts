// `weir key create`: a further key of an account. The secret is shown once: only its hash is kept.

import type { ApiKey } from '../../domain/accounts/api-keys.ts';
import { auditedKey } from '../../domain/accounts/audit.ts';
import type { Scope } from '../../domain/api/routes.ts';
import { isEnvironment } from '../../domain/keys.ts';
import { iso } from '../../domain/system/time.ts';
import { auditEntry } from '../audit-entry.ts';
import { UnknownAccount } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { findAccount, InvalidEnvironment } from '../tenants.ts';
import { readDuration, renderMinute } from '../terminal/instants.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { keepTheKey, makeSecret, scopesOption } from './keys.ts';

export type KeyRequest = {
  readonly account_id: string;
  readonly environment: string;
  readonly scopes: readonly Scope[];
  readonly expiresInMs?: number;
};

export type CreatedKey = {
  readonly account_id: string;
  readonly key_id: string;
  readonly environment: string;
  readonly scopes: readonly Scope[];
  readonly expires_at: string | null;
  readonly api_key: string;
};

export async function createKey(operator: Operator, request: KeyRequest): Promise<CreatedKey> {
  const { account_id, environment, scopes, expiresInMs } = request;
  if (!isEnvironment(environment)) throw new InvalidEnvironment(environment);
  // Before a secret is made of its name.
  await findAccount(operator, account_id);
  const nowMs = operator.clock.now();
  const { parts, secret } = makeSecret(operator, { account: account_id, environment }, nowMs);
  const expiry = expiresInMs === undefined ? {} : { expiresAtMs: nowMs + expiresInMs };
  const key: ApiKey = { ...parts, account: account_id, environment, scopes, ...expiry };
  const entry = auditEntry(operator, nowMs, {
    account: account_id,
    what: 'key.created',
    key: key.id,
    after: auditedKey(key),
  });
  if (!(await operator.keys.add(key, entry))) throw new UnknownAccount(account_id);
  return toCreatedKey(key, secret);
}

export const toCreatedKey = (key: ApiKey, secret: string): CreatedKey => ({
  account_id: key.account,
  key_id: key.id,
  environment: key.environment,
  scopes: key.scopes,
  expires_at: key.expiresAtMs === undefined ? null : iso(key.expiresAtMs),
  api_key: secret,
});

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
