// A change is written only if nothing it was decided by has changed meanwhile. Else it is decided again: by then another
// decision may be right.

import { Unavailable } from '../../domain/system/unavailable.ts';

export class ChangedMeanwhile extends Unavailable {
  override readonly name = 'ChangedMeanwhile';
}

const mostTries = 3;

/** `decide` answers undefined where something changed meanwhile. */
export async function decideAgain<T>(what: string, decide: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const done = await decide();
    if (done !== undefined) return done;
  }
  throw new ChangedMeanwhile(`${what} changed meanwhile at each of ${mostTries} tries`);
}
