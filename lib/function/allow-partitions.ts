// A table holds partitions of several kinds: a role that may do something with one kind may do that with nothing else
// there.

import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { allow } from './allow.ts';

/**
 * ForAllValues holds too where a call has no keys, as a Scan has none: it bounds only what cannot be called without.
 * Each of these names its one item by its whole key, and a Query its one partition; other actions are not to be granted
 * so.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
type KeyedAction = 'GetItem' | 'PutItem' | 'Query' | 'UpdateItem';

/** One by its key, or all whose keys begin, or end, alike. */
type Partitions = { readonly key: string } | { readonly prefix: string } | { readonly suffix: string };

export function allowPartitions(
  actions: readonly KeyedAction[],
  table: ITable,
  partitions: Partitions,
): PolicyStatement {
  const statement = allow('dynamodb', actions, table.tableArn);
  const [operator, value] = conditionOf(partitions);
  statement.addCondition(`ForAllValues:${operator}`, { 'dynamodb:LeadingKeys': [value] });
  return statement;
}

function conditionOf(partitions: Partitions): readonly [operator: string, value: string] {
  if ('key' in partitions) return ['StringEquals', partitions.key];
  return ['StringLike', 'prefix' in partitions ? `${partitions.prefix}*` : `*${partitions.suffix}`];
}
