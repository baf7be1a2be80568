// The settings of an account name the policy and the signing secrets in force. Those are items of their own, and
// change in the same transaction.

import { accountKey, accountSettingsSortKey } from '../../domain/keys.ts';
import type { TransactAction } from '../aws/transact.ts';

/**
 * The action that names another one as in force, or none. Its condition fails if there is no such account, or if another
 * one than `before.name` is in force.
 */
export function changeSettings(
  tableName: string,
  account: string,
  field: 'policy' | 'signing',
  name: string | undefined,
  before?: { readonly name: string | undefined },
): TransactAction {
  const values = {
    ...(name !== undefined && { ':name': name }),
    ...(before?.name !== undefined && { ':before': before.name }),
  };
  const isAsBefore = before?.name === undefined ? 'attribute_not_exists(#field)' : '#field = :before';
  return {
    Update: {
      TableName: tableName,
      Key: { pk: accountKey(account), sk: accountSettingsSortKey },
      UpdateExpression: name === undefined ? 'REMOVE #field' : 'SET #field = :name',
      ConditionExpression: ['attribute_exists(pk)', ...(before ? [isAsBefore] : [])].join(' AND '),
      ExpressionAttributeNames: { '#field': field },
      // It refuses an empty map.
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    },
  };
}
