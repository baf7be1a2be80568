// What the functions need that count records, and fold runs into documents.

import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { allow } from '../function/grants.ts';
import type { Storage } from '../stateful-stack.ts';

/** Receipts, runs and documents. */
export const foldingStatement = ({ tables: { aggregates } }: Storage): PolicyStatement =>
  allow('dynamodb', ['BatchGetItem', 'GetItem', 'Query', 'PutItem', 'UpdateItem'], aggregates.tableArn);

export const countingStatements = (storage: Storage): PolicyStatement[] => [
  foldingStatement(storage),
  allow('dynamodb', ['PartiQLInsert'], storage.tables.aggregates.tableArn),
  // Receipts, quarantine entries and jobs change in one transaction.
  allow('dynamodb', ['PutItem', 'DeleteItem'], storage.tables.ledger.tableArn),
];
