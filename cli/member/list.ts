// `weir member list`: the people of an account and their roles.

import { type ShownMember, toShownMember } from '../../domain/accounts/shown-members.ts';
import { findAccount } from '../tenants.ts';
import { table } from '../terminal/table.ts';
import { defineVerb, requiredAccount } from '../verb.ts';

export const memberList = defineVerb({
  words: ['member', 'list'],
  summary: 'list the people of an account and their roles',
  examples: ['member list --account acme', 'member list --account acme --json'],
  options: (command) => command.addOption(requiredAccount()),
  run: async (operator, { account }) => {
    await findAccount(operator, account);
    const members = (await operator.members.list(account)).map(toShownMember);
    return { json: { account_id: account, members }, text: renderMembers(account, members) };
  },
});

function renderMembers(account: string, members: readonly ShownMember[]): string {
  if (members.length === 0) return `The account ${account} has no members.`;
  const rows = members.map(({ role, added_at, person }) => [role, added_at.slice(0, 10), person]);
  // The person last: a name can be long.
  return table(['ROLE', 'ADDED', 'PERSON'], rows);
}
