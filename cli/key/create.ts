// `weir key create`: a further key of an account. The secret is shown once: only its hash is kept.

import { InvalidArgumentError } from '@commander-js/extra-typings';
import {
  isOrigin,
  mostOrigins,
  mostPublicEventsPerMinute,
  originRule,
  type PublicUse,
  usualPublicEventsPerMinute,
} from '../../domain/accounts/api-keys.ts';
import { auditEntry } from '../../domain/accounts/audit.ts';
import { keyCreated, makeKey } from '../../domain/accounts/key-changes.ts';
import { type CreatedKey, toCreatedKey } from '../../domain/accounts/shown-keys.ts';
import type { Scope } from '../../domain/api/routes.ts';
import { isEnvironment } from '../../domain/keys.ts';
import { UnknownAccount, WrongUse } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { findAccount, InvalidEnvironment } from '../tenants.ts';
import { readDuration, renderMinute } from '../terminal/instants.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { keepTheKey, scopesOption } from './keys.ts';

/** Of the options of a public key. */
export class WrongPublicUse extends WrongUse {}

export type KeyRequest = {
  readonly account_id: string;
  readonly environment: string;
  readonly scopes: readonly Scope[];
  readonly expiresInMs?: number;
  /** Makes it a public key. */
  readonly openTo?: PublicUse;
};

function readRate(text: string): number {
  const rate = Number(text);
  if (!/^\d{1,8}$/.test(text) || rate < 1 || rate > mostPublicEventsPerMinute)
    throw new InvalidArgumentError(`It is a whole number from 1 to ${mostPublicEventsPerMinute}.`);
  return rate;
}

/** Undefined for a key that is a secret. */
function publicUseOf(
  origins: readonly string[] | undefined,
  rate: number | undefined,
): PublicUse | undefined {
  if (origins === undefined) {
    if (rate === undefined) return undefined;
    throw new WrongPublicUse(
      '--events-per-minute is of public keys. Nothing was changed.',
      'Name their pages too: --origin https://shop.example',
    );
  }
  const wrong = origins.find((origin) => !isOrigin(origin));
  if (wrong !== undefined)
    throw new WrongPublicUse(`"${wrong}" is no origin. Nothing was changed.`, `An origin is ${originRule}.`);
  if (origins.length > mostOrigins)
    throw new WrongPublicUse(
      'They are too many origins. Nothing was changed.',
      `A key has at most ${mostOrigins}.`,
    );
  return { origins: [...new Set(origins)], eventsPerMinute: rate ?? usualPublicEventsPerMinute };
}

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
  ...(created.origins
    ? [
        `origins      ${created.origins.join(', ')}`,
        `at most      ${created.events_per_minute} events a minute`,
      ]
    : []),
  `expires      ${created.expires_at ? `${renderMinute(Date.parse(created.expires_at))} UTC` : 'never'}`,
  `api key      ${created.api_key}`,
  keepTheKey,
];

export const keyCreate = defineVerb({
  words: ['key', 'create'],
  summary: 'create a further key of an account; the secret is shown once',
  examples: [
    'key create --account acme',
    'key create --account acme --origin https://shop.example --events-per-minute 6000',
    'key create --account acme --environment staging --scopes ingest --expires-in 90d',
  ],
  options: (command) =>
    command
      .addOption(requiredAccount())
      .option('--environment <name>', 'the environment of the key', 'production')
      .addOption(scopesOption())
      .option(
        '--origin <origins...>',
        'a public key, for web pages of these origins, such as https://shop.example',
      )
      .option('--events-per-minute <number>', 'how much may be sent by a public key', readRate)
      .option('--expires-in <duration>', 'the key ends after it, such as 12h or 90d'),
  run: async (operator, { account, environment, scopes, expiresIn, origin, eventsPerMinute }) => {
    const openTo = publicUseOf(origin, eventsPerMinute);
    const created = await createKey(operator, {
      account_id: account,
      environment,
      scopes: openTo ? ['ingest'] : scopes,
      ...(openTo && { openTo }),
      ...(expiresIn !== undefined && { expiresInMs: readDuration('expires-in', expiresIn) }),
    });
    return { json: created, text: renderCreatedKey(created).join('\n') };
  },
});
