// The rules of changing the members of an account, for the verbs and for requests alike. Each change is one transaction
// with its audit entry, so that the same can be asked for again after an interruption.

import type { AuditEntry } from './audit.ts';
import type { Member } from './people.ts';
import type { Members } from './port.ts';

/** So that a list of them is bounded. */
export const mostMembers = 1000;

/** What an entry says of a change; who makes it adds the rest. */
export type MemberChange = Pick<AuditEntry, 'account' | 'what' | 'person' | 'before' | 'after'>;
export type ToEntry = (change: MemberChange) => AuditEntry;

/** `changed meanwhile`: by someone else. Then nothing was changed by this call. */
export type SetOutcome =
  | { readonly outcome: 'added' | 'changed' | 'unchanged'; readonly member: Member }
  | { readonly outcome: 'too many members' }
  | { readonly outcome: 'changed meanwhile' };

/** Of an account that exists: the person becomes a member, or gets the role of `wanted`. */
export async function setMember(members: Members, wanted: Member, toEntry: ToEntry): Promise<SetOutcome> {
  const { account, person, role } = wanted;
  const change = { account, person, after: { role } };
  const before = await members.find(account, person);
  if (before?.role === role) return { outcome: 'unchanged', member: before };
  if (before) {
    const after = { ...before, role };
    const entry = toEntry({ ...change, what: 'member.changed', before: { role: before.role } });
    const isDone = await members.change(before, after, entry);
    return isDone ? { outcome: 'changed', member: after } : { outcome: 'changed meanwhile' };
  }
  if ((await members.list(account)).length >= mostMembers) return { outcome: 'too many members' };
  return (await members.add(wanted, toEntry({ ...change, what: 'member.added' })))
    ? { outcome: 'added', member: wanted }
    : { outcome: 'changed meanwhile' };
}

/** What an account changes of itself leaves it an owner, who can go on. Only operators may leave it without one. */
export class LastOwner extends Error {
  override readonly name = 'LastOwner';
}

/** Members whose last owner neither goes nor becomes less: not even if two owners remove each other at the same time. */
export function keepingAnOwner(members: Members): Members {
  const ownerBeside = async ({ account, person, role }: Member): Promise<Member | undefined> => {
    if (role !== 'owner') return undefined;
    const all = await members.list(account);
    const staying = all.find((other) => other.role === 'owner' && other.person !== person);
    if (!staying) throw new LastOwner();
    return staying;
  };
  return {
    list: (account) => members.list(account),
    find: (account, person) => members.find(account, person),
    add: (member, entry) => members.add(member, entry),
    change: async (before, after, entry) => members.change(before, after, entry, await ownerBeside(before)),
    remove: async (before, entry) => members.remove(before, entry, await ownerBeside(before)),
  };
}

/**
 * The members of one generation. Authorize knows a caller for 30 seconds: his account can be deleted meanwhile, and another
 * one created with its id, of which he sees and changes nothing.
 */
export function ofGeneration(members: Members, generation: number): Members {
  const isOf = (member: Member | undefined) => member?.generation === generation;
  return {
    list: async (account) => (await members.list(account)).filter(isOf),
    find: async (account, person) => {
      const member = await members.find(account, person);
      return isOf(member) ? member : undefined;
    },
    add: (...of) => members.add(...of),
    change: (...of) => members.change(...of),
    remove: (...of) => members.remove(...of),
  };
}

export type RemoveOutcome =
  | { readonly outcome: 'removed'; readonly member: Member }
  | { readonly outcome: 'not a member' }
  | { readonly outcome: 'changed meanwhile' };

export async function removeMember(
  members: Members,
  { account, person }: Pick<Member, 'account' | 'person'>,
  toEntry: ToEntry,
): Promise<RemoveOutcome> {
  const member = await members.find(account, person);
  if (!member) return { outcome: 'not a member' };
  const before = { role: member.role };
  const entry = toEntry({ account, person, what: 'member.removed', before, after: {} });
  return (await members.remove(member, entry))
    ? { outcome: 'removed', member }
    : { outcome: 'changed meanwhile' };
}
