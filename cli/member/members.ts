// What the verbs of `weir member` share.

import { Option } from '@commander-js/extra-typings';
import { isPerson, type Member } from '../../domain/accounts/people.ts';
import type { Role } from '../../domain/accounts/roles.ts';
import { iso } from '../../domain/system/time.ts';
import { CliError, WrongUse } from '../errors.ts';

export class InvalidPerson extends WrongUse {
  constructor(person: string) {
    super(
      `"${person}" names no person. Nothing was changed.`,
      'Write what the tokens of the stage name, a subject or an e-mail address: 1-255 printable ASCII characters, without spaces, quotes, "#" and "\\".',
    );
  }
}

/** Authorize compares addresses in lower case, and a subject with an "@" and capitals would never be found. */
export class UpperCaseAddress extends WrongUse {
  constructor(address: string) {
    super(
      `${address} has capital letters, and addresses are compared in lower case. Nothing was changed.`,
      `Write ${address.toLowerCase()}.`,
    );
  }
}

/** Another operator or an owner was faster. */
export class MemberChanged extends CliError {
  constructor(account: string, person: string) {
    super(
      `The membership of ${person} in ${account} changed meanwhile. Nothing was changed by this command.`,
      `Look at it, and run the same again: weir member list --account ${account}`,
    );
  }
}

export function readPerson(person: string): string {
  if (!isPerson(person)) throw new InvalidPerson(person);
  if (person.includes('@') && person !== person.toLowerCase()) throw new UpperCaseAddress(person);
  return person;
}

export const personOption = () =>
  new Option(
    '--person <name>',
    'the subject or the e-mail address of the person, as tokens name it',
  ).makeOptionMandatory();

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

export const within30Seconds = 'This is in force after 30 seconds at the latest.';
