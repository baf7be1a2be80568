// Whether an IAM policy lets a method be called: a Deny that matches wins, then an Allow, else no. A policy that says
// more than is judged here is not judged at all: what narrows a statement and is passed over would grant access.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html

import { isJsonRecord } from '../../core/json-record.ts';

type PolicyStatement = {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: unknown;
  readonly Resource?: unknown;
};
export type Policy = { readonly Statement: readonly PolicyStatement[] };

const judgedMembers = ['Action', 'Effect', 'Resource', 'Sid'];

/** Undefined where it is a Policy. */
export function complaintAboutPolicy(policy: unknown): string | undefined {
  const statements = isJsonRecord(policy) ? policy.Statement : undefined;
  if (!Array.isArray(statements) || !statements.every(isJsonRecord))
    return 'its policyDocument has no list of statements';
  const other = statements.flatMap(Object.keys).find((member) => !judgedMembers.includes(member));
  if (other !== undefined) return `its policyDocument has a statement with ${other}, which is not modelled`;
  if (!statements.every(({ Effect }) => Effect === 'Allow' || Effect === 'Deny'))
    return 'its policyDocument has a statement that neither allows nor denies';
  return undefined;
}

export function permits({ Statement }: Policy, methodArn: string): boolean {
  const effects = Statement.filter(
    ({ Action, Resource }) =>
      listOf(Action).some((action) => matches(action.toLowerCase(), 'execute-api:invoke')) &&
      listOf(Resource).some((resource) => matches(resource, methodArn)),
  ).map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

function matches(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(text);
}

function listOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
}
