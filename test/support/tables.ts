// A real DynamoDB engine with the six tables, for contract suites.

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { callEngine, DynamoDbEngine } from '@weir/twin/parts';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import type { Table } from '../../adapters/aws/table.ts';

export const tableNames = {
  identities: 'identities',
  claimLogs: 'claim-logs',
  pages: 'pages',
  aggregates: 'aggregates',
  accounts: 'accounts',
  ledger: 'ledger',
} as const;

export type TestTables = {
  readonly client: DynamoDBDocumentClient;
  readonly endpoint: string;
  table(name: keyof typeof tableNames): Table;
  end(): Promise<void>;
};

export async function startTables(): Promise<TestTables> {
  const lost = (message: string) => {
    throw new Error(message);
  };
  const engine = new DynamoDbEngine({ onLoss: lost });
  await engine.start();
  for (const name of Object.values(tableNames)) {
    const keys = name === 'identities' ? ['pk'] : ['pk', 'sk'];
    await callEngine(engine.endpoint, 'dynamodb', 'CreateTable', {
      TableName: name,
      AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' })),
      KeySchema: keys.map((key, index) => ({ AttributeName: key, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      BillingMode: 'PAY_PER_REQUEST',
    });
  }
  const client = createDocumentClient(workTimeouts, {
    endpoint: engine.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    client,
    endpoint: engine.endpoint,
    table: (name) => ({ client, name: tableNames[name], pause: noPause }),
    end: async () => {
      client.destroy();
      await engine.end();
    },
  };
}

export const noPause = async (): Promise<void> => {};
