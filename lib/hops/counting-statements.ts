// What the functions need that count records, and fold runs into documents.

import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { jobsKey, quarantineKeyPrefix } from '../../domain/keys.ts';
import { allow, allowPartitions } from '../function/grants.ts';
import type { Storage } from '../stateful-stack.ts';

/** Receipts, runs and documents. */
export const foldingStatement = ({ tables: { aggregates } }: Storage): PolicyStatement =>
  allow('dynamodb', ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem'], aggregates.tableArn);

export const countingStatements = (storage: Storage): PolicyStatement[] => [
  foldingStatement(storage),
  allow('dynamodb', ['PartiQLInsert'], storage.tables.aggregates.tableArn),
  // Quarantine entries and jobs, which change with their receipt. The ledger also holds the platform keys.
  allowPartitions(['PutItem', 'DeleteItem'], storage.tables.ledger, { prefix: quarantineKeyPrefix }),
  allowPartitions(['PutItem'], storage.tables.ledger, { key: jobsKey }),
];
