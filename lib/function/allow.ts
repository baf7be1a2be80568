// Statements of a function's role, said in one line each: these actions, on exactly this resource.

import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Actions without their prefix: `allow('dynamodb', ['GetItem'], table.tableArn)`. */
export function allow(service: string, actions: readonly string[], resource: string): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `${service}:${action}`),
    resources: [resource],
  });
}
