// A verb was not told what it needs to be told, though each option is well-formed; the message says what is missing.

export class WrongUse extends Error {
  override readonly name = 'WrongUse';
}
