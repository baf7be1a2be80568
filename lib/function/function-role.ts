// The role of one function: it may do what its hop says, write its own log, and send traces where its stage traces.
// Nothing else is added to it in passing, and the wildcard that traces need lies apart from what the hop may do.

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
  /** What depends on it waits for its policies too. */
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
    // Naming the role is waiting for it; only its policies have to be waited for expressly.
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
    reason: 'X-Ray has no resources that these two actions could be held to, and they can only write.',
  });
  return policy;
}
