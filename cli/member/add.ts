// `weir member add`: makes a person a member of an account, or gives a member another role.

import { Option } from '@commander-js/extra-typings';
import { auditEntry } from '../../domain/accounts/audit.ts';
import { mostMembers, setMember } from '../../domain/accounts/change-members.ts';
import { type Role, roleNames } from '../../domain/accounts/roles.ts';
import { type AddedMember, toShownMember } from '../../domain/accounts/shown-members.ts';
import { CliError } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { findAccount } from '../tenants.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { MemberChanged, personOption, readPerson, within30Seconds } from './members.ts';

export class TooManyMembers extends CliError {
  constructor(account: string) {
    super(
      `The account ${account} has ${mostMembers} members, the most there can be. Nothing was changed.`,
      `Remove one first: weir member list --account ${account}`,
    );
  }
}

export async function addMember(
  operator: Operator,
  account_id: string,
  name: string,
  role: Role,
): Promise<AddedMember> {
  const person = readPerson(name);
  const { generation } = await findAccount(operator, account_id);
  const nowMs = operator.clock.now();
  const wanted = {
    account: account_id,
    generation,
    person,
    role,
    addedAtMs: nowMs,
    addedBy: operator.actor.who,
  };
  const done = await setMember(operator.members, wanted, (change) => auditEntry(operator, nowMs, change));
  if (done.outcome === 'too many members') throw new TooManyMembers(account_id);
  if (done.outcome === 'changed meanwhile') throw new MemberChanged(account_id, person);
  return { account_id, member: toShownMember(done.member), outcome: done.outcome };
}

export const memberAdd = defineVerb({
  words: ['member', 'add'],
  summary: 'make a person a member of an account, or give a member another role',
  examples: [
    'member add --account acme --person ada@example.com --role analyst',
    'member add --account acme --person ada@example.com --role owner --json',
  ],
  options: (command) =>
    command
      .addOption(requiredAccount())
      .addOption(personOption())
      .addOption(
        new Option('--role <name>', 'what the person may do').choices(roleNames).makeOptionMandatory(),
      ),
  run: async (operator, { account, person, role }) => {
    const added = await addMember(operator, account, person, role);
    return { json: added, text: renderAdded(added) };
  },
});

function renderAdded({ account_id, member: { person, role }, outcome }: AddedMember): string {
  if (outcome === 'unchanged') return `${person} is ${role} of ${account_id} already.`;
  return `${person} is ${role} of ${account_id}. ${within30Seconds}`;
}
