// The key that signs batch ids lies in the ledger among the receipts: a role that may do something with it may do that
// with nothing else there.

import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { signingKeyKey } from '../domain/keys.ts';
import { allow } from './allow.ts';

export function allowSigningKey(
  actions: readonly ('GetItem' | 'PutItem')[],
  ledger: ITable,
): PolicyStatement {
  const statement = allow('dynamodb', actions, ledger.tableArn);
  statement.addCondition('ForAllValues:StringEquals', { 'dynamodb:LeadingKeys': [signingKeyKey] });
  return statement;
}
