// What the pages for test suites read and change: the tables of the twin, by the adapters that the functions use.

import type { Connection } from '../../adapters/aws/client-options.ts';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { readOutputs } from '../../adapters/aws/stack-outputs.ts';
import type { Table } from '../../adapters/aws/table.ts';
import { workPause } from '../../adapters/system/clock-and-random.ts';
import { stackNamesOf } from '../../domain/system/stage-names.ts';

const tableOutputs = {
  accounts: 'AccountsTable',
  pages: 'PagesTable',
  aggregates: 'AggregatesTable',
  ledger: 'LedgerTable',
  identities: 'IdentitiesTable',
  claimLogs: 'ClaimLogsTable',
} as const;

export type SuiteTables = Readonly<Record<keyof typeof tableOutputs, Table>>;

export async function connectTables(stage: string, connection: Connection): Promise<SuiteTables> {
  const outputs = await readOutputs(Object.values(stackNamesOf(stage)), workTimeouts, connection);
  const client = createDocumentClient(workTimeouts, connection);
  return Object.fromEntries(
    Object.entries(tableOutputs).map(([name, output]) => [
      name,
      { client, name: outputs.get(output) ?? output, pause: workPause },
    ]),
  ) as SuiteTables;
}
