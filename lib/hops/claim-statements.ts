// What the functions need that claim event ids, singly and in logs.

import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { allow } from '../function/grants.ts';
import type { Storage } from '../stateful-stack.ts';

export const claimStatements = ({ tables: { identities, claimLogs } }: Storage): PolicyStatement[] => [
  allow('dynamodb', ['PartiQLInsert', 'BatchGetItem', 'UpdateItem'], identities.tableArn),
  // The update keeps links for longer, and replaces those that belong to no log.
  allow('dynamodb', ['PartiQLInsert', 'BatchGetItem', 'Query', 'UpdateItem'], claimLogs.tableArn),
];
