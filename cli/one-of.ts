// A value that has to be one of a few.

import { WrongUse } from './errors.ts';

export function oneOf<T extends string>(what: string, value: string | undefined, known: readonly T[]): T {
  const found = known.find((candidate) => candidate === value?.trim());
  if (!found) throw new WrongUse(`"${value ?? ''}" is no ${what}; choose from ${known.join(', ')}.`);
  return found;
}
