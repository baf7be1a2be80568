// An operator whose process is killed at one of its calls, before the call or after it.

import type { Operator } from '../../../cli/operator.ts';

export class Killed extends Error {}

export function killedAt(operator: Operator, call: number, moment: 'before' | 'after') {
  let made = 0;
  const guard = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, name) => {
        const method = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          made += 1;
          const isLast = made === call;
          if (made > call || (isLast && moment === 'before')) throw new Killed('killed');
          const answer = await method.apply(target, args);
          if (isLast) throw new Killed('killed');
          return answer;
        };
      },
    });
  const killed: Operator = {
    ...operator,
    accounts: guard(operator.accounts),
    keys: guard(operator.keys),
    planKeys: guard(operator.planKeys),
  };
  return { killed, wasKilled: () => made >= call };
}
