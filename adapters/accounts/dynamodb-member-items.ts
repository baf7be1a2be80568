// Members as items of the accounts table: each by its person, who may be a member of several accounts.

import type { Member } from '../../domain/accounts/people.ts';
import type { Role } from '../../domain/accounts/roles.ts';
import { personKey } from '../../domain/keys.ts';
import type { Item } from '../aws/batch-get.ts';

export const memberItemKey = ({ account, person }: Pick<Member, 'account' | 'person'>): Item => ({
  pk: personKey(person),
  sk: account,
});

export const toMemberItem = (member: Member): Item => ({
  ...memberItemKey(member),
  account: member.account,
  generation: member.generation,
  person: member.person,
  role: member.role,
  added_at: member.addedAtMs,
  added_by: member.addedBy,
});

export const roleOfItem = (item: Item): Role => item.role as Role;

export const fromMemberItem = (item: Item): Member => ({
  account: String(item.account),
  generation: Number(item.generation),
  person: String(item.person),
  role: roleOfItem(item),
  addedAtMs: Number(item.added_at),
  addedBy: String(item.added_by),
});
