import { describe, expect, it } from 'vitest';
import { Roles } from '../../../src/services/iam/function-roles.ts';
import { templateOf } from '../../fixture.ts';
import { allows, functionWith, lambdaMayAssume, policyOf, roleOf, templateWith } from './fixture.ts';

const readAll = (resources: Parameters<typeof templateOf>[0]) => new Roles(templateOf(resources));
const actionsOf = (roles: Roles) => roles.of('ingest')?.evaluator.grants.map(({ action }) => action.text);

describe('the statements of a role are those', () => {
  it('of its own policies, and of those that name it', () => {
    const roles = readAll({
      ...templateWith([allows('a:Named', '*')]),
      Role: roleOf({ Policies: [{ PolicyName: 'Own', PolicyDocument: policyOf(allows('a:Own', '*')) }] }),
    });

    expect(actionsOf(roles)).toEqual(['a:Own', 'a:Named']);
  });

  it('of no other role', () => {
    const other = {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'Other', PolicyDocument: 'not even one', Roles: ['another-role'] },
    };
    const notRead = roleOf({ RoleName: 'another-role', ManagedPolicyArns: ['arn:aws:iam::aws:policy/Any'] });

    const roles = readAll({ ...templateWith([allows('a:Named', '*')]), other, notRead });

    expect(actionsOf(roles)).toEqual(['a:Named']);
  });
});

it('the role of a function that is not run, such as the one CDK brings for notifications, counts as read', () => {
  const template = templateOf({
    ...templateWith([]),
    Notify: {
      Type: 'Custom::S3BucketNotifications',
      Properties: { ServiceToken: { 'Fn::GetAtt': ['Cdk', 'Arn'] } },
    },
    Cdk: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: 'cdk', Role: { 'Fn::GetAtt': ['CdkRole', 'Arn'] } },
    },
    CdkRole: roleOf({ RoleName: 'cdk-role', ManagedPolicyArns: ['arn:aws:iam::aws:policy/Any'] }),
    CdkPolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'Cdk', PolicyDocument: policyOf(allows('a:b', '*')), Roles: ['cdk-role'] },
    },
  });

  const roles = new Roles(template);

  expect(roles.functions.map(({ label }) => label)).toEqual(['ingest']);
  const ofCdk = template.unread().filter(({ resource }) => resource.logicalId.startsWith('Cdk'));
  expect(ofCdk).toEqual([]);
});

describe('a role is used', () => {
  it('by its function, by its mappings, and for its destinations', () => {
    const roles = readAll(templateWith([]));

    for (const caller of ['ingest', 'ingest-mapping', 'ingest-destination'])
      expect(roles.of(caller)).toMatchObject({ label: 'ingest', roleName: 'ingest-role' });
  });

  it('by no operator and no service: those have none of the template', () => {
    const roles = readAll(templateWith([]));

    for (const caller of ['operator', 'bucket-notifications']) expect(roles.of(caller)).toBeUndefined();
  });

  it('and a caller that is neither is not let through', () => {
    expect(() => readAll(templateWith([])).of('another')).toThrow('With which role does another call?');
  });
});

describe('the start ends for', () => {
  const trust = (statement: object) => ({ AssumeRolePolicyDocument: { Statement: [statement] } });
  const [statement] = lambdaMayAssume.Statement;
  it.each<[string, object, string]>([
    [
      'a function without a role',
      { Function: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'weir-dev-ingest' } } },
      'Function: the role undefined, which is not of the template, is not modelled',
    ],
    [
      'a role from elsewhere',
      { Function: functionWith('arn:aws:iam::1:role/x') },
      'Function: the role arn:aws:iam::1:role/x, which is not of the template, is not modelled',
    ],
    [
      'a managed policy',
      { Role: roleOf({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }) },
      'Role: the managed policy arn:aws:iam::aws:policy/AdministratorAccess is not modelled',
    ],
    [
      'a permissions boundary',
      { Role: roleOf({ PermissionsBoundary: 'arn:aws:iam::aws:policy/x' }) },
      'Role: a permissions boundary is not modelled',
    ],
    [
      'a role that Lambda may not assume',
      { Role: roleOf(trust({ ...statement, Principal: { Service: 'apigateway.amazonaws.com' } })) },
      "Role: a function's role that does not let lambda.amazonaws.com assume it",
    ],
    ['a role that nobody may assume', { Role: roleOf({ AssumeRolePolicyDocument: undefined }) }, 'assume it'],
    [
      'a role that may be assumed on a condition',
      { Role: roleOf(trust({ ...statement, Condition: { Bool: {} } })) },
      'Role: a condition or a denial of who may assume it is not modelled',
    ],
    [
      'a grant on a resource whose type the twin does not know',
      templateWith([allows('states:StartExecution', { Ref: 'Machine' })], {
        Machine: { Type: 'AWS::StepFunctions::StateMachine' },
      }),
      'Policy, statement 1: AWS::StepFunctions::StateMachine, on which it grants something, is not modelled.',
    ],
    [
      'a statement that is not known, with its place',
      templateWith([
        allows('a:b', '*'),
        allows('a:b', '*', { Condition: { Any: { 'aws:SourceArn': 'x' } } }),
      ]),
      'Policy, statement 2: the condition Any of aws:SourceArn is not modelled. Write the policy without it, or model it in src/services/iam/conditions.ts of the twin.',
    ],
  ])('%s', (_name, resources, words) => {
    expect(() =>
      readAll({ ...templateWith([]), ...(resources as Parameters<typeof templateOf>[0]) }),
    ).toThrow(words);
  });
});
