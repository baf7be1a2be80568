// `weir key revoke`: ends a key at once, for good. A key that was used in the last hour needs --yes.

import type { ApiKey, LastUse } from '../../domain/accounts/api-keys.ts';
import { planRevocation } from '../../domain/accounts/key-changes.ts';
import { type ShownKey, toShownKey } from '../../domain/accounts/shown-keys.ts';
import { CliError } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { renderMinute } from '../terminal/instants.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { findKey, KeyChanged, keyOption, renderLastUse } from './keys.ts';

export class RecentlyUsed extends CliError {
  constructor({ account, id }: ApiKey, lastUse: LastUse, nowMs: number) {
    super(
      `The key ${id} is in use: ${renderLastUse(lastUse, nowMs)}. Nothing was changed.`,
      `Move its clients to another key first. To refuse their requests all the same: weir key revoke --account ${account} --key ${id} --yes`,
    );
  }
}

export type RevokedKey = {
  readonly account_id: string;
  readonly key: ShownKey;
  /** False if it was revoked before. */
  readonly changed: boolean;
};

export async function revokeKey(
  operator: Operator,
  account_id: string,
  keyId: string,
  isSure: boolean,
): Promise<RevokedKey> {
  const used = await findKey(operator, account_id, keyId);
  const nowMs = operator.clock.now();
  const plan = planRevocation(operator, used, isSure, nowMs);
  if (plan.outcome === 'in use') throw new RecentlyUsed(used.key, plan.lastUse, nowMs);
  if (plan.outcome === 'revoked before') return { account_id, key: toShownKey(used, nowMs), changed: false };
  if (!(await operator.keys.change(plan.change))) throw new KeyChanged(account_id, keyId);
  return { account_id, key: toShownKey({ ...used, key: plan.change.after }, nowMs), changed: true };
}

export const keyRevoke = defineVerb({
  words: ['key', 'revoke'],
  summary: 'end a key for good; one that was used in the last hour only with --yes',
  examples: [
    'key revoke --account acme --key 0123456789ab',
    'key revoke --account acme --key 0123456789ab --yes',
  ],
  options: (command) =>
    command
      .addOption(requiredAccount())
      .addOption(keyOption())
      .option('--yes', 'also if the key was used in the last hour'),
  run: async (operator, { account, key, yes }) => {
    const revoked = await revokeKey(operator, account, key, yes === true);
    return { json: revoked, text: renderRevoked(revoked, operator.clock.now()) };
  },
});

function renderRevoked({ key, changed }: RevokedKey, nowMs: number): string {
  if (!changed)
    return `The key ${key.key_id} was revoked at ${renderMinute(Date.parse(key.revoked_at ?? ''))} UTC already.`;
  const lastUse =
    key.last_used_at === null
      ? undefined
      : { minuteMs: Date.parse(key.last_used_at), client: key.last_used_by ?? '' };
  return `The key ${key.key_id} is revoked (${renderLastUse(lastUse, nowMs)}). After 30 seconds at the latest it is answered 401.`;
}
