// The role of one function: the statements of its hop, its own log, and traces if its stage has tracing. The CDK cannot
// add grants to it. The wildcard that tracing needs is in a policy of its own.

import { Validations } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, Dependable } from 'constructs';
import { allow } from './grants.ts';

export type FunctionRoleProps = {
  readonly description: string;
  readonly statements: readonly PolicyStatement[];
  readonly logGroupArn: string;
  readonly tracing: boolean;
};

export class FunctionRole extends Construct {
  /** A resource that depends on it also waits for its policies. */
  readonly role: IRole;

  constructor(scope: Construct, id: string, props: FunctionRoleProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: props.description,
    });
    const hop = new Policy(this, 'Hop', {
      roles: [role],
      statements: [
        allow('logs', ['CreateLogStream', 'PutLogEvents'], props.logGroupArn),
        ...props.statements,
      ],
    });
    const policies = props.tracing ? [hop, tracing(this, role)] : [hop];

    this.role = role.withoutPolicyUpdates();
    // A reference to the role already waits for it. Only its policies need an explicit dependency.
    Dependable.implement(this.role, { dependencyRoots: policies });
  }
}

function tracing(scope: Construct, role: Role): Policy {
  const policy = new Policy(scope, 'Tracing', {
    roles: [role],
    statements: [
      new PolicyStatement({
        actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        resources: ['*'],
      }),
    ],
  });
  Validations.of(policy).acknowledge({
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    reason: 'X-Ray has no resources to which these two actions could be limited, and they can only write.',
  });
  return policy;
}
