// What calls to DynamoDB need. Batches need their own action for each table, transactions that of each of their
// parts, and PartiQL that of each statement.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html

import { isJsonRecord } from '../../../core/json-record.ts';
import { type Json, jsonBody } from '../../../core/proxy/json-body.ts';
import { readPartiQl } from '../../../core/proxy/partiql.ts';
import { indexArn } from '../arns.ts';
import type { CallContext } from '../conditions.ts';
import { NeedNotModelled } from '../iam-not-modelled.ts';
import { keysOfItems, keysOfQuery, keysOfStatement } from '../leading-keys.ts';
import type { PartitionKeys } from '../partition-keys.ts';
import type { Need } from '../policy-evaluation.ts';
import type { Needs } from './call-needs.ts';

type Read = (input: Json, partitionKeys: PartitionKeys) => readonly (Need | NeedNotModelled)[];

const operations: Readonly<Record<string, Read>> = {
  GetItem: ofItem('GetItem', 'Key'),
  PutItem: ofItem('PutItem', 'Item'),
  UpdateItem: ofItem('UpdateItem', 'Key'),
  DeleteItem: ofItem('DeleteItem', 'Key'),
  Query: (input, partitionKeys) => [
    ofTable('Query', input, { leadingKeys: () => keysOfQuery(tableOf(input), input, partitionKeys) }),
  ],
  // It names no key: what binds a role by ForAllValues of the leading keys does not keep it from a Scan, as in AWS.
  Scan: (input) => [ofTable('Scan', input)],
  DescribeTable: (input) => [ofTable('DescribeTable', input)],
  BatchGetItem: ofTables('BatchGetItem', (keys) => (isJsonRecord(keys) ? listIn(keys.Keys) : [])),
  BatchWriteItem: ofTables('BatchWriteItem', (requests) =>
    listIn(requests).map(({ PutRequest, DeleteRequest }) =>
      isJsonRecord(PutRequest) ? PutRequest.Item : isJsonRecord(DeleteRequest) && DeleteRequest.Key,
    ),
  ),
  TransactGetItems: (input, partitionKeys) => ofTransaction(input, partitionKeys),
  TransactWriteItems: (input, partitionKeys) => ofTransaction(input, partitionKeys),
  ExecuteStatement: (input, partitionKeys) => [ofStatement(input, partitionKeys)],
  BatchExecuteStatement: (input, partitionKeys) =>
    statementsIn(input.Statements).map((statement) => ofStatement(statement, partitionKeys)),
  ExecuteTransaction: (input, partitionKeys) =>
    statementsIn(input.TransactStatements).map((statement) => ofStatement(statement, partitionKeys)),
};

export const dynamoDbNeeds: Needs = ({ operation, body }, { partitionKeys }) =>
  Object.hasOwn(operations, operation)
    ? operations[operation]?.(jsonBody(body) ?? {}, partitionKeys)
    : undefined;

function ofItem(action: string, item: 'Key' | 'Item'): Read {
  return (input, partitionKeys) => [
    ofTable(action, input, {
      leadingKeys: () => keysOfItems(tableOf(input), [input[item]], partitionKeys),
    }),
  ];
}

function ofTables(action: string, itemsOf: (ofTable: unknown) => readonly unknown[]): Read {
  return (input, partitionKeys) =>
    Object.entries(isJsonRecord(input.RequestItems) ? input.RequestItems : {}).map(([TableName, requests]) =>
      ofTable(
        action,
        { TableName },
        {
          leadingKeys: () => keysOfItems(TableName, itemsOf(requests), partitionKeys),
        },
      ),
    );
}

const transactionParts: Readonly<Record<string, { readonly action: string; readonly item: 'Key' | 'Item' }>> =
  {
    ConditionCheck: { action: 'ConditionCheckItem', item: 'Key' },
    Delete: { action: 'DeleteItem', item: 'Key' },
    Get: { action: 'GetItem', item: 'Key' },
    Put: { action: 'PutItem', item: 'Item' },
    Update: { action: 'UpdateItem', item: 'Key' },
  };

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
const ofTransaction: Read = (input, partitionKeys) =>
  listIn(input.TransactItems).flatMap((part) =>
    Object.entries(part).map(([kind, request]) => {
      const known = Object.hasOwn(transactionParts, kind) ? transactionParts[kind] : undefined;
      if (known === undefined) return cannotRead(kind);
      const own = isJsonRecord(request) ? request : {};
      return ofTable(known.action, own, {
        leadingKeys: () => keysOfItems(tableOf(own), [own[known.item]], partitionKeys),
      });
    }),
  );

const statementActions: Readonly<Record<string, string>> = {
  DELETE: 'PartiQLDelete',
  // A condition of a transaction: it selects.
  EXISTS: 'PartiQLSelect',
  INSERT: 'PartiQLInsert',
  SELECT: 'PartiQLSelect',
  UPDATE: 'PartiQLUpdate',
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html */
function ofStatement(input: Json, partitionKeys: PartitionKeys): Need | NeedNotModelled {
  const text = String(input.Statement);
  const { verb = '', table = '', index } = readPartiQl(text) ?? {};
  const action = Object.hasOwn(statementActions, verb) ? statementActions[verb] : undefined;
  if (action === undefined) return cannotRead(text);
  return {
    action: `dynamodb:${action}`,
    resource: indexArn(table, index),
    context: { leadingKeys: () => keysOfStatement(input, partitionKeys) },
  };
}

function ofTable(action: string, input: Json, context: CallContext = {}): Need {
  const index = input.IndexName === undefined ? undefined : String(input.IndexName);
  return { action: `dynamodb:${action}`, resource: indexArn(tableOf(input), index), context };
}

function tableOf({ TableName }: Json): string {
  return String(TableName);
}

function listIn(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isJsonRecord) : [];
}

/** One for each: what is no statement is denied as one that cannot be read. */
function statementsIn(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map((each) => (isJsonRecord(each) ? each : {})) : [];
}

function cannotRead(what: string): NeedNotModelled {
  return new NeedNotModelled(
    `The local twin does not know which permission this takes: ${what}.`,
    'needs/dynamodb.ts',
  );
}
