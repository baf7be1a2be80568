// The pages that list, replace and remove injected faults.

import { type Pages, WrongInput } from '../pages/pages.ts';
import type { Faults } from './faults.ts';
import { InvalidFaultPlan } from './plan.ts';

export function faultPages(faults: Pick<Faults, 'load' | 'clear' | 'list'>): Pages {
  const rules = () => ({ rules: faults.list() });
  return {
    'GET /faults': { about: 'what is made to fail: rules, and how often each was met', answer: rules },
    'PUT /faults': {
      about: 'a plan in place of all rules: {"rules": [{"on": {}, "do": {"kind": "latency", "ms": 100}}]}',
      answer: (input) => {
        load(faults, input);
        return rules();
      },
    },
    'DELETE /faults': {
      about: 'nothing is made to fail any more',
      answer: () => {
        faults.clear();
        return rules();
      },
    },
  };
}

function load(faults: Pick<Faults, 'load'>, input: string): void {
  try {
    faults.load(JSON.parse(input));
  } catch (error) {
    if (error instanceof InvalidFaultPlan) throw new WrongInput(error.message);
    if (error instanceof SyntaxError) throw new WrongInput(`The plan is not JSON: ${error.message}.`);
    throw error;
  }
}
