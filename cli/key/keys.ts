// What the verbs of `weir key` share: how a key is named, found and printed.

import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { Principal } from '../../domain/accounts/accounts.ts';
import type { LastUse } from '../../domain/accounts/api-keys.ts';
import { isKeyId } from '../../domain/accounts/secrets.ts';
import { scopes as knownScopes, type Scope } from '../../domain/api/routes.ts';
import { CliError, WrongUse } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { findAccount } from '../tenants.ts';
import { renderAge } from '../terminal/instants.ts';

/** What was typed is not repeated: it may be a secret. */
export class InvalidKeyId extends WrongUse {
  constructor(account: string) {
    super(
      '--key is not the id of a key. Nothing was changed.',
      `A key id is 12 of 0-9 and a-f, as listed by: weir key list --account ${account}`,
    );
  }
}

export class UnknownKey extends CliError {
  constructor(account: string, key: string) {
    super(
      `The account ${account} has no key "${key}". Nothing was changed.`,
      `Look at its keys: weir key list --account ${account}`,
    );
  }
}

/** Another operator was faster. */
export class KeyChanged extends CliError {
  constructor(account: string, key: string) {
    super(
      `The key ${key} changed meanwhile. Nothing was changed by this command.`,
      `Look at it, and run the same again: weir key list --account ${account}`,
    );
  }
}

export async function findKey(operator: Operator, account: string, keyId: string): Promise<Principal> {
  if (!isKeyId(keyId)) throw new InvalidKeyId(account);
  const found = await operator.accounts.findPrincipal((await findAccount(operator, account)).id, keyId);
  if (!found) throw new UnknownKey(account, keyId);
  return found;
}

export const keyOption = () =>
  new Option('--key <id>', 'the id of the key, as list prints it').makeOptionMandatory();

export const scopesOption = () =>
  new Option('--scopes <list>', `the scopes of the key, comma-separated: ${knownScopes.join(', ')}`)
    .argParser(readScopes)
    .default<Scope[]>(['ingest', 'read'], 'ingest,read');

function readScopes(text: string): Scope[] {
  const named = text.split(',').map((part) => {
    const scope = knownScopes.find((known) => known === part.trim());
    if (!scope)
      throw new InvalidArgumentError(`"${part}" is not a scope; choose from ${knownScopes.join(', ')}.`);
    return scope;
  });
  return [...new Set(named)];
}

/** Such as `last used 41 min ago, by analytics-node 3.1.0`. */
export const renderLastUse = (lastUse: LastUse | undefined, nowMs: number): string =>
  lastUse
    ? `last used ${renderAge(nowMs - lastUse.minuteMs)} ago, by ${renderClient(lastUse.client)}`
    : 'never used';

/** The first product of a user agent: `analytics-node/3.1.0 (linux)` is `analytics-node 3.1.0`. */
export const renderClient = (client: string): string =>
  (client.split(' ')[0] ?? client).replace('/', ' ').slice(0, 40);

export const keepTheKey = 'Keep the key now: only its hash is stored, and it is not shown again.';
