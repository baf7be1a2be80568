// A policy element that the twin does not know ends the start, and a call whose permission it does not know is denied:
// nothing is allowed by omission.

/** `place` names the resource and what of it; `remedy` says what the user can do. */
export class PolicyNotModelled extends Error {
  override readonly name = 'PolicyNotModelled';
  constructor(place: string, what: string, remedy: string) {
    super(`${place}: ${what} is not modelled. ${remedy}`);
  }
}

/** What a user of the twin does about a policy; `file` is where a contributor models it. */
export function rewriteOrModel(file: string): string {
  return `Write the policy without it, or model it in src/services/iam/${file} of the twin.`;
}

/** One call, or one part of it, is denied. The caller is told the message, and the console also where to model it. */
export class NeedNotModelled extends Error {
  override readonly name = 'NeedNotModelled';
  readonly remedy: string;

  constructor(message: string, file: string) {
    super(message);
    this.remedy = `${message} The app may be right: to model the call, see src/services/iam/${file} of the twin.`;
  }
}
