// What the verbs of `weir member` share.

import { Option } from '@commander-js/extra-typings';
import { isAddressWithCapitals, isPerson } from '../../domain/accounts/people.ts';
import { CliError, WrongUse } from '../errors.ts';

export class InvalidPerson extends WrongUse {
  constructor(person: string) {
    super(
      `"${person}" names no person. Nothing was changed.`,
      'Write what the tokens of the stage name, a subject or an e-mail address: 1-255 printable ASCII characters, without spaces, quotes, "#" and "\\".',
    );
  }
}

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
  if (isAddressWithCapitals(person)) throw new UpperCaseAddress(person);
  return person;
}

export const personOption = () =>
  new Option(
    '--person <name>',
    'the subject or the e-mail address of the person, as tokens name it',
  ).makeOptionMandatory();

export const within30Seconds = 'This is in force after 30 seconds at the latest.';
