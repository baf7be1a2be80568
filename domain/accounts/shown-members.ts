// Members as the verbs and the function manage show them.

import { iso } from '../system/time.ts';
import type { Member } from './people.ts';
import type { Role } from './roles.ts';

export type ShownMember = {
  readonly person: string;
  readonly role: Role;
  readonly added_at: string;
  readonly added_by: string;
};

export const toShownMember = ({ person, role, addedAtMs, addedBy }: Member): ShownMember => ({
  person,
  role,
  added_at: iso(addedAtMs),
  added_by: addedBy,
});

/** `changed`: another role. */
export type AddedMember = {
  readonly account_id: string;
  readonly member: ShownMember;
  readonly outcome: 'added' | 'changed' | 'unchanged';
};
