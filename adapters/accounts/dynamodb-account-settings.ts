// The settings of an account name the policy and the signing secrets in force. Those are items of their own, and
// change in the same transaction.

import { accountKey, accountSettingsSortKey } from '../../domain/keys.ts';
import type { TransactAction } from '../aws/transact.ts';

/** The action that names another one as in force, or none. Its condition fails if there is no such account. */
export function changeSettings(
  tableName: string,
  account: string,
  field: 'policy' | 'signing',
  name: string | undefined,
): TransactAction {
  const change =
    name === undefined
      ? { UpdateExpression: 'REMOVE #field' }
      : { UpdateExpression: 'SET #field = :name', ExpressionAttributeValues: { ':name': name } };
  return {
    Update: {
      TableName: tableName,
      Key: { pk: accountKey(account), sk: accountSettingsSortKey },
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: { '#field': field },
      ...change,
    },
  };
}
