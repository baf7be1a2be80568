// What the settings of an account name as in force. The thing itself is an item beside them, and changes in the same
// transaction.

import { accountKey, accountSettingsSortKey } from '../../domain/keys.ts';
import type { TransactAction } from '../aws/transact.ts';

/** Undefined ends what is in force. The condition fails where there is no such account. */
export function nameInSettings(
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
