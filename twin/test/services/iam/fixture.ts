// Permissions over a small template: one function `ingest` whose role holds the statements of a test, a table, and a
// service behind that remembers what reached it.

import { type AwsCall, jsonAnswer } from '../../../src/core/proxy/aws-call.ts';
import { jsonBody } from '../../../src/core/proxy/json-body.ts';
import { Roles } from '../../../src/services/iam/function-roles.ts';
import { Permissions } from '../../../src/services/iam/permissions.ts';
import { unusedGrants } from '../../../src/services/iam/unused-grants.ts';
import type { StackTemplate } from '../../../src/template/assembly.ts';
import { awsCall } from '../../faults/fixture.ts';
import { templateOf } from '../../fixture.ts';

type Resources = StackTemplate['Resources'];
export type StatementOf = Readonly<Record<string, unknown>>;

export const tableArn = (name: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;
export const streamArn = (name: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

export const allows = (
  Action: string | string[],
  Resource: string | string[] | { readonly Ref: string },
  more: object = {},
) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
/** As it stands in a template, where it is no placeholder. */
export const policyVariable = (name: string) => `$\{${name}}`;
export const policyOf = (...Statement: readonly StatementOf[]) => ({ Version: '2012-10-17', Statement });

export const lambdaMayAssume = policyOf({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal: { Service: 'lambda.amazonaws.com' },
});

export const roleOf = (properties: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: { RoleName: 'ingest-role', AssumeRolePolicyDocument: lambdaMayAssume, ...properties },
});
export const functionWith = (Role: unknown = { 'Fn::GetAtt': ['Role', 'Arn'] }) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { FunctionName: 'weir-dev-ingest', ...(Role !== undefined && { Role }) },
});
const hash = (AttributeName: string) => [{ AttributeName, KeyType: 'HASH' }];
const table = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: 'ledger',
    KeySchema: [...hash('pk'), { AttributeName: 'sk', KeyType: 'RANGE' }],
    GlobalSecondaryIndexes: [{ IndexName: 'by-owner', KeySchema: hash('owner') }],
  },
};

/** With the statements in a policy that names the role. */
export function templateWith(statements: readonly StatementOf[], others: Resources = {}): Resources {
  return {
    Function: functionWith(),
    Role: roleOf(),
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'Hop',
        PolicyDocument: policyOf(...statements),
        Roles: [{ Ref: 'Role' }],
      },
    },
    Table: table,
    ...others,
  };
}

/** `answer` is what the service behind says to each call that reaches it. */
export function startPermissions(
  resources: Resources,
  answer: (call: AwsCall) => unknown = () => ({}),
  status = 200,
) {
  const reports: string[] = [];
  const reached: AwsCall[] = [];
  const template = templateOf(resources);
  const permissions = new Permissions({
    template,
    roles: new Roles(template),
    explained: unusedGrants,
    report: (line) => reports.push(line),
  });
  const send = (parts: Parameters<typeof awsCall>[0]) =>
    permissions.step(awsCall(parts), async (call) => {
      reached.push(call);
      return jsonAnswer(status, answer(call));
    });
  return {
    reports,
    reached,
    grants: permissions.grants,
    send,
    dynamoDb: (operation: string, input: object, caller = 'ingest') =>
      send({ service: 'dynamodb', operation, input, caller }),
    kinesis: (operation: string, input: object, caller = 'ingest') =>
      send({ service: 'kinesis', operation, input, caller }),
  };
}

export const codeOf = ({ body }: { readonly body: Buffer }) => jsonBody(body)?.__type;
