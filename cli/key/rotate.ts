// `weir key rotate`: a new key in place of one that is live. Both are accepted during the overlap, so that no request is
// lost while clients move.

import { planRotation } from '../../domain/accounts/key-changes.ts';
import { type RotatedKey, toRotatedKey } from '../../domain/accounts/shown-keys.ts';
import { CliError } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { readDuration, renderMinute } from '../terminal/instants.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { renderCreatedKey } from './create.ts';
import { findKey, KeyChanged, keyOption } from './keys.ts';

export class KeyNotLive extends CliError {
  constructor(account: string, key: string, state: 'expired' | 'revoked') {
    super(
      `The key ${key} is ${state}, so no client can be using it. Nothing was changed.`,
      `Create another one: weir key create --account ${account}`,
    );
  }
}

/** Also where an earlier run was interrupted before it showed the secret: nobody has that, and it is rotated in turn. */
export class AlreadyReplaced extends CliError {
  constructor(account: string, key: string, by: string, endsAtMs: number) {
    super(
      `The key ${key} is replaced by ${by} already, and ends at ${renderMinute(endsAtMs)} UTC. Nothing was changed.`,
      `Use ${by}. If nobody has its secret: weir key rotate --account ${account} --key ${by} --overlap 0s`,
    );
  }
}

export async function rotateKey(
  operator: Operator,
  account_id: string,
  keyId: string,
  overlapMs: number,
): Promise<RotatedKey> {
  const { key: before } = await findKey(operator, account_id, keyId);
  const plan = planRotation(operator, before, overlapMs, operator.clock.now());
  if (plan.outcome === 'not live') throw new KeyNotLive(account_id, keyId, plan.state);
  if (plan.outcome === 'replaced before')
    throw new AlreadyReplaced(account_id, keyId, plan.by, plan.endsAtMs);
  if (!(await operator.keys.change(plan.change))) throw new KeyChanged(account_id, keyId);
  return toRotatedKey(plan.made, keyId, plan.endsAtMs);
}

export const keyRotate = defineVerb({
  words: ['key', 'rotate'],
  summary: 'replace a key by a new one with the same scopes; the old one ends after the overlap',
  examples: [
    'key rotate --account acme --key 0123456789ab',
    'key rotate --account acme --key 0123456789ab --overlap 7d',
  ],
  options: (command) =>
    command
      .addOption(requiredAccount())
      .addOption(keyOption())
      .option('--overlap <duration>', 'how long the old key is still accepted, such as 0s or 7d', '24h'),
  run: async (operator, { account, key, overlap }) => {
    const rotated = await rotateKey(operator, account, key, readDuration('overlap', overlap));
    const { key_id, ends_at } = rotated.replaces;
    const text = [
      ...renderCreatedKey(rotated),
      `The key ${key_id} is accepted until ${renderMinute(Date.parse(ends_at))} UTC. Move its clients before that.`,
    ];
    return { json: rotated, text: text.join('\n') };
  },
});
