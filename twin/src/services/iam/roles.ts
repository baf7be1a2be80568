// The role of a function, with the statements of its identity policies: those in it, those that name it, and the managed
// policies that functions usually have. A policy that is not known here ends the start.

import { isJsonRecord } from '../../core/json-record.ts';
import type { Resource, Template } from '../../template/template.ts';
import { PolicyNotModelled, rewriteOrModel } from './iam-not-modelled.ts';
import { managedPolicy } from './managed-policies.ts';
import { readStatements, type Statement } from './statements.ts';

export type Role = { readonly name: string; readonly statements: readonly Statement[] };

const lambda = 'lambda.amazonaws.com';

/** Throws PolicyNotModelled. */
export function readRole(roleArn: unknown, functionId: string, template: Template): Role {
  const role = findRole(roleArn, template);
  if (role === undefined)
    throw new PolicyNotModelled(
      functionId,
      `the role ${String(roleArn)}, which is not of the template,`,
      'Give the function one that is.',
    );
  if (role.properties.PermissionsBoundary !== undefined)
    throw new PolicyNotModelled(role.logicalId, 'a permissions boundary', rewriteOrModel('roles.ts'));
  const managed = [role.properties.ManagedPolicyArns ?? []].flat().map((arn) => {
    const document = managedPolicy(String(arn));
    if (document === undefined)
      throw new PolicyNotModelled(
        role.logicalId,
        `the managed policy ${String(arn)}`,
        'Give the role the statements that its function needs, or model the policy in src/services/iam/managed-policies.ts of the twin.',
      );
    return [document, `${role.logicalId}, ${String(arn)}`] as const;
  });
  refuseUnlessAssumable(role);
  const inline = listIn(role.properties.Policies).map(
    ({ PolicyName, PolicyDocument }) => [PolicyDocument, `${role.logicalId}, policy ${PolicyName}`] as const,
  );
  const others = policiesNaming(role, template).map(
    ({ properties, logicalId }) => [properties.PolicyDocument, logicalId] as const,
  );
  return {
    name: role.name,
    statements: [...managed, ...inline, ...others].flatMap(([document, place]) =>
      readStatements(document, place, template.unknownTypeOf),
    ),
  };
}

/** For a function that is not run: its permissions do not matter, and its role counts as read. */
export function passOverRole(roleArn: unknown, template: Template): void {
  const role = findRole(roleArn, template);
  if (role === undefined) return;
  for (const { properties } of [role, ...policiesNaming(role, template)]) JSON.stringify(properties);
}

function findRole(roleArn: unknown, template: Template): Resource | undefined {
  return template.resources('AWS::IAM::Role').find((each) => each.attribute('Arn') === roleArn);
}

function policiesNaming(role: Resource, template: Template): readonly Resource[] {
  return template
    .resources('AWS::IAM::Policy')
    .filter(({ properties }) => [properties.Roles ?? []].flat().includes(role.name));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html */
function refuseUnlessAssumable(role: Resource): void {
  const { Statement } = (role.properties.AssumeRolePolicyDocument ?? {}) as { readonly Statement?: unknown };
  const statements = listIn(Statement);
  const special = statements.find(({ Effect, Condition }) => Effect !== 'Allow' || Condition !== undefined);
  if (special !== undefined)
    throw new PolicyNotModelled(
      role.logicalId,
      'a condition or a denial of who may assume it',
      rewriteOrModel('roles.ts'),
    );
  const lets = statements.some(
    ({ Action, Principal }) =>
      [Action].flat().includes('sts:AssumeRole') &&
      isJsonRecord(Principal) &&
      [Principal.Service].flat().includes(lambda),
  );
  if (!lets)
    throw new PolicyNotModelled(
      role.logicalId,
      `a function's role that does not let ${lambda} assume it`,
      'Let it: Lambda would refuse the function.',
    );
}

function listIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return [value ?? []].flat().filter(isJsonRecord);
}
