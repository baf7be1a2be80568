import {
  BatchExecuteStatementCommand,
  DynamoDBDocumentClient,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { DynamoCountingLanes } from '../../../../adapters/counting/dynamodb-counting-lanes.ts';
import type { Receipt } from '../../../../domain/counting/receipt.ts';
import { laneReceipt } from '../../../support/lanes.ts';
import { noPause } from '../../../support/tables.ts';

const mock = mockClient(DynamoDBDocumentClient);
afterAll(() => mock.restore());
const client = mock as unknown as DynamoDBDocumentClient;
const table = (name: string) => ({ client, name, pause: noPause });
const lanes = new DynamoCountingLanes({ aggregates: table('aggregates'), ledger: table('ledger') });
beforeEach(() => {
  mock.reset();
});

it('leaves only the receipts undecided whose throttling does not end', async () => {
  const throttled = { Error: { Code: 'ThrottlingError' } } as const;
  const exists = { Error: { Code: 'DuplicateItem' } } as const;
  mock
    .on(BatchExecuteStatementCommand)
    .resolvesOnce({ Responses: [{}, throttled, exists] })
    .resolves({ Responses: [throttled] });

  const results = await lanes.putReceipts(['a', 'b', 'c'].map((record) => laneReceipt(record)));

  expect(results).toEqual(['put', 'undecided', 'exists']);
});

it.each([
  [
    'may not be freed meanwhile',
    undefined,
    '#state = :state AND #mode = :mode AND attribute_not_exists(freed)',
  ],
  ['that is freed', 5, '#state = :state AND #mode = :mode'],
])('changes a receipt that %s', async (_what, freedAtMs, condition) => {
  mock.on(TransactWriteCommand).resolves({});
  const from: Receipt = laneReceipt('a', {
    ...{ state: 'discarded', mode: 'direct' },
    ...(freedAtMs !== undefined && { freedAtMs }),
  });

  await lanes.commit({ changes: [{ from, to: { ...from, freedAtMs: 9 } }], documents: [], marks: [] });

  const [action] = mock.commandCalls(TransactWriteCommand)[0]?.args[0].input.TransactItems ?? [];
  expect(action?.Put?.ConditionExpression).toBe(condition);
});
