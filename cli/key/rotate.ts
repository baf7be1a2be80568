// `weir key rotate`: a new key in place of one that is live. Both are accepted during the overlap, so that no request is
// lost while clients move. An overlap that ends within an hour of the last use needs --yes, as `revoke` does.

import type { ApiKey, LastUse } from '../../domain/accounts/api-keys.ts';
import { planRotation, type RotationRequest } from '../../domain/accounts/key-changes.ts';
import { type RotatedKey, toRotatedKey } from '../../domain/accounts/shown-keys.ts';
import { CliError } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { readDuration, renderMinute } from '../terminal/instants.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { renderCreatedKey } from './create.ts';
import { findKey, KeyChanged, keyOption, renderLastUse } from './keys.ts';

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

export class OverlapTooShort extends CliError {
  constructor({ account, id }: ApiKey, lastUse: LastUse, nowMs: number) {
    super(
      `The key ${id} is in use: ${renderLastUse(lastUse, nowMs)}. It would end within an hour of that. Nothing was changed.`,
      `Let its clients move: weir key rotate --account ${account} --key ${id}. To refuse their requests after the overlap all the same, add --yes.`,
    );
  }
}

export async function rotateKey(
  operator: Operator,
  account_id: string,
  keyId: string,
  request: RotationRequest,
): Promise<RotatedKey> {
  const used = await findKey(operator, account_id, keyId);
  const nowMs = operator.clock.now();
  const plan = planRotation(operator, used, request, nowMs);
  if (plan.outcome === 'in use') throw new OverlapTooShort(used.key, plan.lastUse, nowMs);
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
      .option('--overlap <duration>', 'how long the old key is still accepted, such as 0s or 7d', '24h')
      .option('--yes', 'also if the old key ends within an hour of its last use'),
  run: async (operator, { account, key, overlap, yes = false }) => {
    const rotated = await rotateKey(operator, account, key, {
      overlapMs: readDuration('overlap', overlap),
      isForced: yes,
    });
    const { key_id, ends_at } = rotated.replaces;
    const text = [
      ...renderCreatedKey(rotated),
      `The key ${key_id} is accepted until ${renderMinute(Date.parse(ends_at))} UTC. Move its clients before that.`,
    ];
    return { json: rotated, text: text.join('\n') };
  },
});
