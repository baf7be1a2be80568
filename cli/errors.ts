// A verb was not told what it needs to be told, or an option has a value that none of it can be; the message says what would
// be right.

export class WrongUse extends Error {
  override readonly name = 'WrongUse';
}
