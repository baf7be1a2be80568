// With which role each caller calls. What Lambda does for a function, reading its stream or writing to its
// destination, it does with the function's role; operators and services have none of the template.

import { notificationProviders } from '../../template/notification-provider.ts';
import type { Template } from '../../template/template.ts';
import { createPolicyEvaluator, type PolicyEvaluator } from './policy-evaluation.ts';
import { passOverRole, readRole } from './roles.ts';

export type FunctionRole = {
  readonly label: string;
  readonly functionName: string;
  readonly roleName: string;
  readonly evaluator: PolicyEvaluator;
};

/** An operator deploys, and may do all that deploying takes; a service may what the policy of the resource says. */
const trusted = new Set(['operator', 'bucket-notifications', 'alarms']);
const forFunctions = ['-destination', '-mapping', ''];

export class UnknownCaller extends Error {
  override readonly name = 'UnknownCaller';
}

export class Roles {
  readonly functions: readonly FunctionRole[];
  private readonly byCaller = new Map<string, FunctionRole>();

  /** Throws PolicyNotModelled. */
  constructor(template: Template) {
    const notRun = notificationProviders(template);
    const functions = template.resources('AWS::Lambda::Function');
    for (const { name, properties } of functions)
      if (notRun.has(name)) passOverRole(properties.Role, template);
    this.functions = functions
      .filter(({ name }) => !notRun.has(name))
      .map(({ name, logicalId, properties }) => {
        const role = readRole(properties.Role, logicalId, template);
        return {
          label: template.labelOf(name),
          functionName: name,
          roleName: role.name,
          evaluator: createPolicyEvaluator(role),
        };
      });
    for (const ending of forFunctions)
      for (const role of this.functions) this.byCaller.set(`${role.label}${ending}`, role);
  }

  /** Undefined for those who may do everything. */
  of(caller: string): FunctionRole | undefined {
    const role = this.byCaller.get(caller);
    if (role !== undefined || trusted.has(caller)) return role;
    throw new UnknownCaller(
      `With which role does ${caller} call? Say it in src/services/iam/function-roles.ts of the twin.`,
    );
  }
}
