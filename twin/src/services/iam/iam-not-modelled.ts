// A policy element that the twin does not know ends the start, and a call whose permission it does not know is denied:
// nothing is allowed by omission.

/** `place` names the resource and what of it; `remedy` says where the twin would learn it. */
export class PolicyNotModelled extends Error {
  override readonly name = 'PolicyNotModelled';
  constructor(place: string, what: string, remedy: string) {
    super(`${place}: ${what} is not modelled. ${remedy}`);
  }
}

/** Of one call, or of one part of it. */
export class NeedNotModelled extends Error {
  override readonly name = 'NeedNotModelled';
}
