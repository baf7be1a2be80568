// Which calls a rule is about.

import { expect, it } from 'vitest';
import { createMatcher } from '../../src/faults/matching.ts';
import { awsCall } from './fixture.ts';

const throttle = { kind: 'throttle' } as const;
const isAbout = (on: Parameters<typeof createMatcher>[0]['on'], call: Parameters<typeof awsCall>[0]) =>
  createMatcher({ on, do: throttle })(awsCall(call));

it.each([
  [{}, true],
  [{ caller: 'ingest' }, true],
  [{ caller: 'consume' }, false],
  [{ service: 'kinesis' }, true],
  [{ service: 'dynamodb' }, false],
  [{ operation: 'PutRecords' }, true],
  [{ operation: ['PutRecord', 'PutRecords'] }, true],
  [{ operation: ['PutRecord'] }, false],
  [{ caller: 'ingest', service: 'kinesis', operation: 'PutRecords', resource: 'events' }, true],
  [{ caller: 'ingest', service: 'kinesis', operation: 'PutRecords', resource: 'ledger' }, false],
])('a rule on %j is about a call of ingest to put records into events: %s', (on, expected) => {
  expect(isAbout(on, { input: { StreamName: 'weir-dev-events' } })).toBe(expected);
});

it.each([
  ['weir-dev-events', true],
  ['events', true],
  ['*events', true],
  ['weir-*-events', true],
  ['*dev*', true],
  ['weir', false],
  ['dev-*', false],
  ['*Events', false],
  ['weir.dev.events', false],
  ['*.*', false],
])('%s means the stream weir-dev-events: %s', (resource, expected) => {
  expect(isAbout({ resource }, { input: { StreamName: 'weir-dev-events' } })).toBe(expected);
});

it.each([
  ['acme#production', true],
  ['acme#staging', false],
])('what the body of a call holds, %s, tells it from others about the same table: %s', (text, expected) => {
  const input = { TableName: 'named', Key: { pk: { S: 'acme#production#0' } } };
  expect(isAbout({ text }, { service: 'dynamodb', operation: 'GetItem', input })).toBe(expected);
});

const dynamoDb = (operation: string, input: unknown) => ({ service: 'dynamodb', operation, input });
const form = (fields: Record<string, string>) => ({
  service: 'sns',
  operation: 'Publish',
  body: Buffer.from(new URLSearchParams(fields).toString()),
});

it.each([
  ['a table', dynamoDb('GetItem', { TableName: 'named' })],
  ['the ARN of a table', dynamoDb('GetItem', { TableName: 'arn:aws:dynamodb:us-east-1:0:table/named' })],
  ['a table to be read in batches', dynamoDb('BatchGetItem', { RequestItems: { other: {}, named: {} } })],
  [
    'a table that a transaction writes',
    dynamoDb('TransactWriteItems', { TransactItems: [null, { Update: { TableName: 'named' } }] }),
  ],
  [
    'a table that a statement inserts into',
    dynamoDb('BatchExecuteStatement', {
      Statements: [{ Statement: 'SELECT * FROM "x"' }, { Statement: `INSERT INTO "named" VALUE {'pk': ?}` }],
    }),
  ],
  ['a table that a statement reads', dynamoDb('ExecuteStatement', { Statement: 'select * from named.gsi' })],
  [
    'a table of a transaction of statements',
    dynamoDb('ExecuteTransaction', { TransactStatements: [{ Statement: 'UPDATE "named" SET a=1' }] }),
  ],
  ['the ARN of a stream', { input: { StreamARN: 'arn:aws:kinesis:us-east-1:0:stream/named' } }],
  ['a bucket', { service: 's3', operation: 'PutObject', url: '/named/some/key?x-id=PutObject' }],
  ['a bucket by itself', { service: 's3', operation: 'ListObjectsV2', url: '/named?list-type=2' }],
  ['a topic', form({ Action: 'Publish', TopicArn: 'arn:aws:sns:us-east-1:0:named' })],
  ['a queue', { service: 'sqs', operation: 'SendMessage', input: { QueueUrl: 'http://q/0/named' } }],
])('finds the name of %s', (_what, call) => {
  expect(isAbout({ resource: 'n*d*' }, call)).toBe(true);
  expect(isAbout({ resource: 'other-one' }, call)).toBe(false);
});

it('a rule with a name is about no call that names nothing', () => {
  expect(isAbout({ resource: '*' }, { operation: 'GetRecords', input: { ShardIterator: 'AAA' } })).toBe(
    false,
  );
  expect(isAbout({ resource: '*' }, { input: null })).toBe(false);
});

it.each([
  ['a function in its environment', { environment: 'e-1' }, true],
  ['a part of the twin', { caller: 'consume-mapping' }, false],
  ['an operator with a session', { caller: 'operator', environment: 'token' }, false],
])('a kill without a caller is about %s: %s', (_who, call, expected) => {
  const isKilled = createMatcher({ on: {}, do: { kind: 'kill', moment: 'before' } });

  expect(isKilled(awsCall(call))).toBe(expected);
});

it.each([
  [{ service: 'kinesis', operation: 'PutRecords' }, true],
  [{ service: 'dynamodb', operation: 'BatchWriteItem' }, true],
  [{ service: 'dynamodb', operation: 'PutRecords' }, false],
  [{ service: 'kinesis', operation: 'PutRecord' }, false],
  [{ service: 'kinesis', operation: 'constructor' }, false],
])('a partial failure of anything is about %j: %s', (call, expected) => {
  const isMeant = createMatcher({ on: {}, do: { kind: 'partial', share: 1 } });

  expect(isMeant(awsCall(call))).toBe(expected);
});
