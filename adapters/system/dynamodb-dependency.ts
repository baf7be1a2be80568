// Whether a table answers: it is asked for an item that is never there, in a partition that nobody else uses.

import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { healthKey, onlySortKey } from '../../domain/keys.ts';
import type { Dependency } from '../../domain/system/dependencies.ts';
import type { Table } from '../aws/table.ts';

export const tableDependency = (
  name: string,
  table: Omit<Table, 'pause'>,
  keys: 'pk' | 'pk and sk',
): Dependency => ({
  name: `table ${name}`,
  check: () =>
    table.client.send(
      new GetCommand({
        TableName: table.name,
        Key: keys === 'pk' ? { pk: healthKey } : { pk: healthKey, sk: onlySortKey },
      }),
    ),
});
