// Statements of a function's role: these actions, on exactly this resource or on these partitions of a table.

import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Actions without their prefix: `allow('dynamodb', ['GetItem'], table.tableArn)`. */
export function allow(service: string, actions: readonly string[], resource: string): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `${service}:${action}`),
    resources: [resource],
  });
}

/**
 * Only actions that name the keys they touch: those of items name them, and a Query names its partition.
 * `ForAllValues` also holds for a call without keys, such as a Scan, and so would not limit it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
type KeyedAction =
  | 'BatchGetItem'
  | 'BatchWriteItem'
  | 'ConditionCheckItem'
  | 'DeleteItem'
  | 'GetItem'
  | 'PutItem'
  | 'Query'
  | 'UpdateItem';

/** One partition by its key, or all partitions whose keys share a prefix or a suffix, or have one of several prefixes. */
type Partitions =
  | { readonly key: string }
  | { readonly prefix: string }
  | { readonly prefixes: readonly string[] }
  | { readonly suffix: string };

/** A table holds partitions of several kinds. The role may use these actions on this kind only. */
export function allowPartitions(
  actions: readonly KeyedAction[],
  table: ITable,
  partitions: Partitions,
): PolicyStatement {
  const statement = allow('dynamodb', actions, table.tableArn);
  const [operator, ...values] = conditionOf(partitions);
  statement.addCondition(`ForAllValues:${operator}`, { 'dynamodb:LeadingKeys': values });
  return statement;
}

function conditionOf(partitions: Partitions): readonly [operator: string, ...values: string[]] {
  if ('key' in partitions) return ['StringEquals', partitions.key];
  if ('prefixes' in partitions) return ['StringLike', ...partitions.prefixes.map((prefix) => `${prefix}*`)];
  return ['StringLike', 'prefix' in partitions ? `${partitions.prefix}*` : `*${partitions.suffix}`];
}
