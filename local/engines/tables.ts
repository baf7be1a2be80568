// Makes the template's tables in the engine, those that are not there yet.

import type { Resource, System } from '../template/system.ts';
import { callEngine } from './engine-call.ts';

type TableProperties = {
  readonly KeySchema: unknown;
  readonly AttributeDefinitions: unknown;
  readonly GlobalSecondaryIndexes?: readonly Index[];
  readonly LocalSecondaryIndexes?: readonly Index[];
  readonly StreamSpecification?: unknown;
  readonly TimeToLiveSpecification?: unknown;
};
type Index = { readonly IndexName: string; readonly KeySchema: unknown; readonly Projection: unknown };

export const tableTypes = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'] as const;

export async function createTables(system: System, endpoint: string): Promise<void> {
  const { TableNames } = await callEngine<{ TableNames: readonly string[] }>(
    endpoint,
    'dynamodb',
    'ListTables',
    {},
  );
  const missing = system.resources(...tableTypes).filter(({ name }) => !TableNames.includes(name));
  await Promise.all(missing.map((table) => createTable(table, endpoint)));
}

async function createTable({ name, properties }: Resource, endpoint: string): Promise<void> {
  const table = properties as TableProperties;
  const keysOnly = (indexes: readonly Index[] | undefined) =>
    indexes?.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }));
  await callEngine(endpoint, 'dynamodb', 'CreateTable', {
    TableName: name,
    KeySchema: table.KeySchema,
    AttributeDefinitions: table.AttributeDefinitions,
    GlobalSecondaryIndexes: keysOnly(table.GlobalSecondaryIndexes),
    LocalSecondaryIndexes: keysOnly(table.LocalSecondaryIndexes),
    // The engine has no throttles; what a stage provisions is not modelled.
    BillingMode: 'PAY_PER_REQUEST',
  });
  if (table.TimeToLiveSpecification !== undefined)
    await callEngine(endpoint, 'dynamodb', 'UpdateTimeToLive', {
      TableName: name,
      TimeToLiveSpecification: table.TimeToLiveSpecification,
    });
}
