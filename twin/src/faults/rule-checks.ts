// Rules whose parts are valid and do not fit together: such a rule would never act, or not as it says.

import { partialOperations } from './partial.ts';
import type { FaultAction, FaultRule } from './rule-schema.ts';

type Say = (path: readonly string[], message: string) => void;
type Checks = {
  readonly [Kind in FaultAction['kind']]?: (
    action: Extract<FaultAction, { kind: Kind }>,
    rule: FaultRule,
    say: Say,
  ) => void;
};

const checks: Checks = {
  error: ({ status = 500, code }, _rule, say) => {
    if (status >= 400 && status < 500 && code === undefined)
      say(['do', 'code'], `must be given with the status ${status}: a service has many such errors`);
  },
  latency: ({ ms }, _rule, say) => {
    if (Array.isArray(ms) && ms[0] > ms[1]) say(['do', 'ms'], 'must be [least, most], the lesser first');
  },
  partial: checkPartial,
  kill: (_action, { on }, say) => {
    if (on.caller === 'operator') say(['on', 'caller'], 'must be a function: an operator cannot be killed');
  },
  stop: (_action, rule, say) => {
    checkDelivery(rule, say);
    for (const key of ['skip', 'times', 'share'] as const)
      if (rule.when?.[key] !== undefined)
        say(
          ['when', key],
          'has no place here: what is stopped is stopped for a time, by after_ms and for_ms',
        );
  },
  deliver_twice: (_action, rule, say) => checkDelivery(rule, say),
};

export function checkRule(rule: FaultRule, say: Say): void {
  const check = checks[rule.do.kind] as
    | ((action: FaultAction, rule: FaultRule, say: Say) => void)
    | undefined;
  check?.(rule.do, rule, say);
  const operations = operationsOf(rule);
  if (rule.on.resource !== undefined && operations.length > 0 && operations.every(isByIterator))
    say(['on', 'resource'], 'has no place here: GetRecords names an iterator and no stream');
}

const isByIterator = (operation: string) => operation === 'GetRecords';

function operationsOf({ on }: FaultRule): readonly string[] {
  return on.operation === undefined ? [] : [on.operation].flat();
}

function checkDelivery({ on }: FaultRule, say: Say): void {
  if (on.caller === undefined)
    say(['on', 'caller'], 'must be the function to which an event source mapping delivers');
  for (const key of ['service', 'operation', 'resource', 'text'] as const)
    if (on[key] !== undefined) say(['on', key], 'has no place here: this is about deliveries and no call');
}

function checkPartial(action: Extract<FaultAction, { kind: 'partial' }>, rule: FaultRule, say: Say): void {
  const named = operationsOf(rule);
  const { service } = rule.on;
  const known = Object.keys(partialOperations);
  if (named.some((operation) => !known.includes(operation))) {
    say(['on', 'operation'], `must be of those that can fail in part: ${known.join(', ')}`);
    return;
  }
  const meant = Object.entries(partialOperations)
    .filter(([operation]) => named.length === 0 || named.includes(operation))
    .map(([, operation]) => operation);
  const services = [...new Set(meant.map((operation) => operation.service))];
  if (service !== undefined && !services.includes(service))
    say(['on', 'service'], `must be ${services.join(' or ')}`);
  if (action.code !== undefined && meant.every(({ code }) => code === undefined))
    say(['do', 'code'], `has no place here: ${named.join(', ')} gives back what it left, without a code`);
}
