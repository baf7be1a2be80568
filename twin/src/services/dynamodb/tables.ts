// Makes the template's tables in the engine, those that are not there yet, and refuses to go on with one that was
// made with other keys, indexes or another stream.

import { callEngine } from '../../core/engine-call.ts';
import { StaleData } from '../../core/unusable-data.ts';
import type { Resource, Template } from '../../template/template.ts';

type TableProperties = {
  readonly KeySchema: unknown;
  readonly AttributeDefinitions: unknown;
  readonly GlobalSecondaryIndexes?: readonly Index[];
  readonly LocalSecondaryIndexes?: readonly Index[];
  readonly TimeToLiveSpecification?: unknown;
  readonly StreamSpecification?: { readonly StreamViewType: string };
};
type Index = { readonly IndexName: string; readonly KeySchema: unknown; readonly Projection: unknown };

export const tableTypes = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'] as const;

export async function createTables(template: Template, endpoint: string): Promise<void> {
  // Read also where the table is there already: the start reports what of a template was not read.
  const tables = template.resources(...tableTypes).map(readTable);
  const { TableNames } = await callEngine<{ TableNames: readonly string[] }>(
    endpoint,
    'dynamodb',
    'ListTables',
    {},
  );
  await Promise.all(
    tables.map((table) =>
      TableNames.includes(table.TableName) ? assertUpToDate(table, endpoint) : createTable(table, endpoint),
    ),
  );
}

type KeySchema = readonly { readonly AttributeName: string; readonly KeyType: string }[];
type Described = {
  readonly KeySchema?: KeySchema;
  readonly StreamSpecification?: { readonly StreamViewType?: string };
  readonly GlobalSecondaryIndexes?: readonly { readonly IndexName: string; readonly KeySchema: KeySchema }[];
};

async function assertUpToDate(table: ReturnType<typeof readTable>, endpoint: string): Promise<void> {
  const { TableName } = table;
  const { Table } = await callEngine<{ Table: Described }>(endpoint, 'dynamodb', 'DescribeTable', {
    TableName,
  });
  const [then, now] = [keysOf(Table), keysOf(table as Described)];
  if (then !== now) throw new StaleData(`table ${TableName}`, `its keys were ${then}, and are now ${now}`);
  const [streamThen, streamNow] = [Table, table as Described].map(
    ({ StreamSpecification }) => StreamSpecification?.StreamViewType ?? 'none',
  );
  if (streamThen !== streamNow)
    throw new StaleData(`table ${TableName}`, `its stream was ${streamThen}, and is now ${streamNow}`);
}

function keysOf({ KeySchema = [], GlobalSecondaryIndexes = [] }: Described): string {
  const text = (keys: KeySchema) =>
    keys.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ');
  const indexes = GlobalSecondaryIndexes.map((index) => `${index.IndexName} (${text(index.KeySchema)})`);
  return [`(${text(KeySchema)})`, ...indexes.toSorted()].join(' and ');
}

function readTable({ name, properties }: Resource) {
  const table = properties as TableProperties;
  const indexes = (of: readonly Index[] | undefined) =>
    of?.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }));
  return structuredClone({
    TableName: name,
    KeySchema: table.KeySchema,
    AttributeDefinitions: table.AttributeDefinitions,
    GlobalSecondaryIndexes: indexes(table.GlobalSecondaryIndexes),
    LocalSecondaryIndexes: indexes(table.LocalSecondaryIndexes),
    TimeToLiveSpecification: table.TimeToLiveSpecification,
    ...(table.StreamSpecification && {
      StreamSpecification: { ...table.StreamSpecification, StreamEnabled: true },
    }),
  });
}

async function createTable(table: ReturnType<typeof readTable>, endpoint: string): Promise<void> {
  const { TimeToLiveSpecification, ...definition } = table;
  await callEngine(endpoint, 'dynamodb', 'CreateTable', {
    ...definition,
    // The engine has no throttles; what a stage provisions is not modelled.
    BillingMode: 'PAY_PER_REQUEST',
  });
  if (TimeToLiveSpecification !== undefined)
    await callEngine(endpoint, 'dynamodb', 'UpdateTimeToLive', {
      TableName: table.TableName,
      TimeToLiveSpecification,
    });
}
