// For each rule, a world without it, and what the histories are about that find it.

import { claimingMutants } from './claiming-mutants.ts';
import { countingMutants } from './counting-mutants.ts';
import type { Focus } from './history.ts';
import type { Mutant } from './mutant.ts';
import { refusingMutants } from './refusing-mutants.ts';
import { storingMutants } from './storing-mutants.ts';

type Search = { readonly mutant: Mutant; readonly focus: Focus };

const withFocus = (mutants: Readonly<Record<string, Mutant>>, focus: Focus): Record<string, Search> =>
  Object.fromEntries(Object.entries(mutants).map(([name, mutant]) => [name, { mutant, focus }]));

export const mutants: Readonly<Record<string, Search>> = {
  ...withFocus(storingMutants, 'storing'),
  ...withFocus(refusingMutants, 'refusing'),
  ...withFocus(claimingMutants, 'claiming'),
  ...withFocus(countingMutants, 'counting'),
};
