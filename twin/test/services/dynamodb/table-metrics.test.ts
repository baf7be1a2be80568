import { expect, it } from 'vitest';
import type { AwsAnswer } from '../../../src/core/proxy/aws-call.ts';
import { errorAnswer, jsonAnswer } from '../../../src/core/proxy/aws-call.ts';
import { jsonBody } from '../../../src/core/proxy/json-body.ts';
import { createTableMetrics } from '../../../src/services/dynamodb/table-metrics.ts';
import { keptMetrics, templateOf } from '../../fixture.ts';

const template = templateOf({
  Orders: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'orders' } },
});
const orders = { TableName: 'orders' };
const ofOperation = (Operation: string) => ({ ...orders, Operation });

function measure(operation: string, input: object, answer: AwsAnswer) {
  const metrics = keptMetrics();
  const call = {
    ...{ method: 'POST', url: '/', headers: {}, caller: 'ingest', service: 'dynamodb', operation },
    body: Buffer.from(JSON.stringify(input)),
  };
  createTableMetrics(template, { metrics: metrics.sink, clock: { now: () => 1000 } as never })({
    ...{ call, answer, elapsedMs: 12.5 },
    input: jsonBody(call.body),
    output: jsonBody(answer.body),
  });
  return metrics;
}
const consumed = (units: number) => ({ ConsumedCapacity: { TableName: 'orders', CapacityUnits: units } });
const statement = (text: string) => ({ Statement: text });

it('measures a call that succeeds by its table and operation, with what it took', () => {
  const { sums, kept } = measure('PutItem', orders, jsonAnswer(200, consumed(3)));

  expect(sums(ofOperation('PutItem'))).toEqual({ SuccessfulRequestLatency: 12.5 });
  expect(sums(orders)).toEqual({ ConsumedWriteCapacityUnits: 3 });
  expect(kept[0]).toMatchObject({ namespace: 'AWS/DynamoDB', unit: 'Milliseconds', timestampMs: 1000 });
});

it.each<[what: string, operation: string, input: object]>([
  ['a query', 'Query', orders],
  ['a statement that selects', 'ExecuteStatement', statement(`SELECT * FROM "orders" WHERE id = ?`)],
])('takes %s for a read', (_what, operation, input) => {
  expect(measure(operation, input, jsonAnswer(200, consumed(2))).sums(orders)).toEqual({
    ConsumedReadCapacityUnits: 2,
  });
});

it('measures a throttle of the whole call', () => {
  const { sums } = measure(
    'PutItem',
    orders,
    errorAnswer(400, 'ProvisionedThroughputExceededException', 'too fast'),
  );

  expect(sums(ofOperation('PutItem'))).toEqual({ ThrottledRequests: 1 });
  expect(sums(orders)).toEqual({ WriteThrottleEvents: 1 });
  expect(sums({})).toEqual({});
});

it('measures statements of a batch that are throttled, or whose condition fails', () => {
  const insert = statement(`INSERT INTO "orders" VALUE {'id': ?}`);
  const errorOf = (Code: string) => ({ Error: { Code } });
  const { sums } = measure(
    'BatchExecuteStatement',
    { Statements: [insert, insert, insert] },
    jsonAnswer(200, { Responses: [errorOf('ThrottlingError'), errorOf('ConditionalCheckFailed'), {}] }),
  );

  expect(sums(orders)).toEqual({ WriteThrottleEvents: 1, ConditionalCheckFailedRequests: 1 });
  expect(sums(ofOperation('BatchExecuteStatement'))).toEqual({ SuccessfulRequestLatency: 12.5 });
});

it('measures items of a batch that are sent back as throttled', () => {
  const item = { PutRequest: { Item: {} } };
  const { sums } = measure(
    'BatchWriteItem',
    { RequestItems: { orders: [item, item] } },
    jsonAnswer(200, { UnprocessedItems: { orders: [item, item] } }),
  );

  expect(sums(orders)).toEqual({ WriteThrottleEvents: 2 });
  expect(sums(ofOperation('BatchWriteItem'))).toMatchObject({ ThrottledRequests: 1 });
});

it.each<[what: string, answer: AwsAnswer, ofCall: object, ofTable: object, ofAccount: object]>([
  ['a failure of DynamoDB', errorAnswer(500, 'InternalServerError', 'no'), { SystemErrors: 1 }, {}, {}],
  [
    'a failed condition',
    errorAnswer(400, 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', 'no'),
    {},
    { ConditionalCheckFailedRequests: 1 },
    {},
  ],
  ['a wrong call', errorAnswer(400, 'ValidationException', 'no'), {}, {}, { UserErrors: 1 }],
])('measures %s', (_what, answer, ofCall, ofTable, ofAccount) => {
  const { sums } = measure('PutItem', orders, answer);

  expect([sums(ofOperation('PutItem')), sums(orders), sums({})]).toEqual([ofCall, ofTable, ofAccount]);
});

it('measures nothing of tables that the template does not have', () => {
  expect(measure('PutItem', { TableName: 'mistyped' }, jsonAnswer(200, consumed(1))).kept).toEqual([]);
});
