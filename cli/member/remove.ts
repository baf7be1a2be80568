// `weir member remove`: a person is a member of an account no longer.

import { auditEntry } from '../../domain/accounts/audit.ts';
import { removeMember } from '../../domain/accounts/change-members.ts';
import type { Operator } from '../operator.ts';
import { findAccount } from '../tenants.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { MemberChanged, personOption, readPerson, within30Seconds } from './members.ts';

/** `changed` is false if the person was no member before. */
export type RemovedMember = {
  readonly account_id: string;
  readonly person: string;
  readonly changed: boolean;
};

export async function endMembership(
  operator: Operator,
  account_id: string,
  name: string,
): Promise<RemovedMember> {
  const person = readPerson(name);
  await findAccount(operator, account_id);
  const nowMs = operator.clock.now();
  const { outcome } = await removeMember(operator.members, { account: account_id, person }, (change) =>
    auditEntry(operator, nowMs, change),
  );
  if (outcome === 'changed meanwhile') throw new MemberChanged(account_id, person);
  return { account_id, person, changed: outcome === 'removed' };
}

export const memberRemove = defineVerb({
  words: ['member', 'remove'],
  summary: 'end the membership of a person in an account',
  examples: ['member remove --account acme --person ada@example.com'],
  options: (command) => command.addOption(requiredAccount()).addOption(personOption()),
  run: async (operator, { account, person }) => {
    const removed = await endMembership(operator, account, person);
    const text = removed.changed
      ? `${person} is no member of ${account} any more. ${within30Seconds}`
      : `${person} is no member of ${account}.`;
    return { json: removed, text };
  },
});
