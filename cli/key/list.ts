// `weir key list`: the keys of an account, also those that ended, on lines of at most 80 columns.

import { type ShownKey, toShownKey } from '../../domain/accounts/shown-keys.ts';
import { findAccount } from '../tenants.ts';
import { renderMinute } from '../terminal/instants.ts';
import { table } from '../terminal/table.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { renderClient } from './keys.ts';

export const keyList = defineVerb({
  words: ['key', 'list'],
  summary: 'list the keys of an account, and when and by which client each was last used',
  examples: ['key list --account acme', 'key list --account acme --json'],
  options: (command) => command.addOption(requiredAccount()),
  run: async (operator, { account }) => {
    await findAccount(operator, account);
    const nowMs = operator.clock.now();
    const keys = (await operator.keys.list(account)).map((used) => toShownKey(used, nowMs));
    return { json: { account_id: account, keys }, text: renderKeys(keys) };
  },
});

/** A line of what the key is, and below it who made it and what became of it. */
function renderKeys(keys: readonly ShownKey[]): string {
  const rows = keys.map((key) => [
    key.key_id,
    shorten(key.environment, 13),
    key.scopes.join(','),
    key.state,
    key.created_at.slice(0, 10),
    key.expires_at?.slice(0, 10) ?? 'never',
  ]);
  const [heading = '', ...lines] = table(
    ['KEY', 'ENVIRONMENT', 'SCOPES', 'STATE', 'CREATED', 'EXPIRES'],
    rows,
  ).split('\n');
  return [heading, ...lines.flatMap((line, index) => [line, ...detailsOf(keys[index])])].join('\n');
}

function detailsOf(key: ShownKey | undefined): string[] {
  if (!key) return [];
  const use =
    key.last_used_at === null
      ? 'never used'
      : `last used ${minuteOf(key.last_used_at)} by ${renderClient(key.last_used_by ?? '')}`;
  return [
    `  created by ${shorten(key.created_by, 64)}`,
    `  ${use}`,
    ...(key.replaced_by === null ? [] : [`  replaced by ${key.replaced_by}`]),
    ...(key.revoked_at === null ? [] : [`  revoked ${minuteOf(key.revoked_at)}`]),
    ...(key.expires_at === null || key.state === 'revoked'
      ? []
      : [`  ${key.state === 'expired' ? 'ended' : 'ends'} ${minuteOf(key.expires_at)}`]),
  ];
}

const minuteOf = (time: string): string => `${renderMinute(Date.parse(time))} UTC`;

const shorten = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
