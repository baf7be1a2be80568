// Whether a rule matches a call.

import type { AwsCall } from '../core/proxy/aws-call.ts';
import { resourcesOf } from './named-resources.ts';
import { partialOperations } from './partial.ts';
import type { FaultRule } from './rule-schema.ts';

export function createMatcher(rule: FaultRule): (call: AwsCall) => boolean {
  const { caller, service, operation, resource, text } = rule.on;
  const operations = operation === undefined ? undefined : [operation].flat();
  const isMeant = resource === undefined ? undefined : createNameMatcher(resource);
  return (call) =>
    isPossible(rule, call) &&
    (caller === undefined || call.caller === caller) &&
    (service === undefined || call.service === service) &&
    (operations === undefined || operations.includes(call.operation)) &&
    (isMeant === undefined || resourcesOf(call).some(isMeant)) &&
    (text === undefined || call.body.includes(text));
}

/** Without a `*` it is a name or the end of one. */
function createNameMatcher(resource: string): (name: string) => boolean {
  if (!resource.includes('*')) return (name) => name.endsWith(resource);
  const pattern = new RegExp(`^${resource.split('*').map(RegExp.escape).join('.*')}$`);
  return (name) => pattern.test(name);
}

function isPossible({ do: { kind } }: FaultRule, call: AwsCall): boolean {
  switch (kind) {
    case 'stop':
    case 'deliver_twice':
      return false;
    case 'kill':
      // An operator has no environment to kill, though its credentials may have a session token too.
      return call.environment !== undefined && call.caller !== 'operator';
    case 'partial':
      return (
        Object.hasOwn(partialOperations, call.operation) &&
        partialOperations[call.operation]?.service === call.service
      );
    default:
      return true;
  }
}
