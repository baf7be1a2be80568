import { describe, expect, it } from 'vitest';
import { NeedNotModelled } from '../../../src/services/iam/iam-not-modelled.ts';
import type { CallFacts } from '../../../src/services/iam/needs/call-needs.ts';
import { needsOf } from '../../../src/services/iam/needs/needs.ts';
import { partitionKeysOf } from '../../../src/services/iam/partition-keys.ts';
import { awsCall } from '../../faults/fixture.ts';
import { templateOf } from '../../fixture.ts';
import { queueArn, streamArn, tableArn, templateWith } from './fixture.ts';

const template = templateOf(templateWith([]));
const facts: CallFacts = {
  partitionKeys: partitionKeysOf(template),
  streamOf: (iterator) => (iterator === 'known' ? streamArn('events') : undefined),
};
const needs = (parts: Parameters<typeof awsCall>[0]) =>
  needsOf(awsCall(parts), facts).map((need) => {
    if (need instanceof NeedNotModelled) throw need;
    return need;
  });
const pairs = (parts: Parameters<typeof awsCall>[0]) =>
  needs(parts).map(({ action, resource }) => [action, resource]);
const dynamoDb = (operation: string, input: unknown) => ({ service: 'dynamodb', operation, input });
const ledger = tableArn('ledger');
const TableName = 'ledger';
const owned = (pk: string) => ({ pk: { S: pk }, sk: { S: 'x' } });

describe('DynamoDB', () => {
  it.each(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan', 'DescribeTable'])(
    '%s needs the action of its name on the table, by its name or its ARN',
    (operation) => {
      expect(pairs(dynamoDb(operation, { TableName }))).toEqual([[`dynamodb:${operation}`, ledger]]);
      expect(pairs(dynamoDb(operation, { TableName: ledger }))).toEqual([[`dynamodb:${operation}`, ledger]]);
    },
  );

  it.each(['Query', 'Scan'])('%s of an index needs it on the index', (operation) => {
    expect(pairs(dynamoDb(operation, { TableName, IndexName: 'by-owner' }))).toEqual([
      [`dynamodb:${operation}`, `${ledger}/index/by-owner`],
    ]);
  });

  it.each(['BatchGetItem', 'BatchWriteItem'])('%s needs its own action on each table', (operation) => {
    expect(pairs(dynamoDb(operation, { RequestItems: { ledger: {}, pages: {} } }))).toEqual([
      [`dynamodb:${operation}`, ledger],
      [`dynamodb:${operation}`, tableArn('pages')],
    ]);
  });

  it('a transaction needs what each of its parts does', () => {
    const parts = ['Put', 'Update', 'Delete', 'ConditionCheck'].map((kind) => ({ [kind]: { TableName } }));

    expect(pairs(dynamoDb('TransactWriteItems', { TransactItems: parts }))).toEqual(
      ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'].map((name) => [
        `dynamodb:${name}`,
        ledger,
      ]),
    );
    expect(pairs(dynamoDb('TransactGetItems', { TransactItems: [{ Get: { TableName } }] }))).toEqual([
      ['dynamodb:GetItem', ledger],
    ]);
  });

  it.each([
    [`INSERT INTO "ledger" VALUE {'pk': ?}`, 'PartiQLInsert', ledger],
    ['select * from ledger where pk = ?', 'PartiQLSelect', ledger],
    ['SELECT * FROM "ledger"."by-owner" WHERE owner = ?', 'PartiQLSelect', `${ledger}/index/by-owner`],
    ['UPDATE "ledger" SET a = 1 WHERE pk = ?', 'PartiQLUpdate', ledger],
    ['DELETE FROM "ledger" WHERE pk = ?', 'PartiQLDelete', ledger],
    ['EXISTS(SELECT * FROM "ledger" WHERE pk = ?)', 'PartiQLSelect', ledger],
  ])('%s needs %s', (Statement, action, resource) => {
    const expected = [[`dynamodb:${action}`, resource]];

    expect(pairs(dynamoDb('ExecuteStatement', { Statement }))).toEqual(expected);
    expect(pairs(dynamoDb('BatchExecuteStatement', { Statements: [{ Statement }] }))).toEqual(expected);
    expect(pairs(dynamoDb('ExecuteTransaction', { TransactStatements: [{ Statement }] }))).toEqual(expected);
  });
});

const query = (KeyConditionExpression: string, more: object = {}) => ({
  TableName,
  KeyConditionExpression,
  ExpressionAttributeValues: { ':a': { S: 'a' }, ':b': { S: 'b' }, ':c': { S: 'c' } },
  ...more,
});
const leadingKeys = (operation: string, input: unknown) =>
  needs(dynamoDb(operation, input)).map(({ context }) => context?.leadingKeys?.());

describe('the leading keys of', () => {
  it.each<[string, object]>([
    ['GetItem', { TableName, Key: owned('a') }],
    ['PutItem', { TableName, Item: { ...owned('a'), other: { S: 'b' } } }],
    ['UpdateItem', { TableName, Key: owned('a') }],
    ['DeleteItem', { TableName: ledger, Key: owned('a') }],
    ['PutItem', { TableName, Item: { pk: { N: 'a' } } }],
    ['Query', query('pk = :a')],
    ['Query', query('pk=:a AND sk BETWEEN :b AND :c')],
    ['Query', query('(sk = :b) AND (#p = :a)', { ExpressionAttributeNames: { '#p': 'pk' } })],
    [
      'ExecuteStatement',
      {
        Statement: `INSERT INTO ledger VALUE {'in': {'pk': ?}, 'pk': ?}`,
        Parameters: [{ S: 'b' }, { S: 'a' }],
      },
    ],
    ['ExecuteStatement', { Statement: `INSERT INTO "ledger" VALUE {'pk': 'a', 'it''s': 'b'}` }],
  ])('%s %j', (operation, input) => {
    expect([...new Set(leadingKeys(operation, input)[0])]).toEqual(['a']);
  });

  it('batches are all of a table, and those of transactions each for itself', () => {
    const requests = [{ PutRequest: { Item: owned('a') } }, { DeleteRequest: { Key: owned('b') } }];
    const parts = [{ Put: { TableName, Item: owned('a') } }, { Delete: { TableName, Key: owned('b') } }];

    expect(leadingKeys('BatchWriteItem', { RequestItems: { ledger: requests } })).toEqual([['a', 'b']]);
    expect(leadingKeys('BatchGetItem', { RequestItems: { ledger: { Keys: [owned('a')] } } })).toEqual([
      ['a'],
    ]);
    expect(leadingKeys('TransactWriteItems', { TransactItems: parts })).toEqual([['a'], ['b']]);
  });

  it('what goes through a whole table are none', () => {
    expect(leadingKeys('Scan', { TableName })).toEqual([undefined]);
  });

  it.each<[string, object]>([
    ['GetItem', { TableName: 'another', Key: owned('a') }],
    ['GetItem', { TableName, Key: {} }],
    ['Query', query('pk = :a', { IndexName: 'by-owner' })],
    ['Query', query('sk = :a')],
    ['Query', query('#sk = :a', { ExpressionAttributeNames: { '#sk': 'sk' } })],
    ['Query', query('pk > :a')],
    ['Query', query('begins_with(pk, :a)')],
    ['Query', query('pk = :a AND pk = :b')],
    ['Query', query('pk = :missing')],
    ['Query', query('pk = :a', { ExpressionAttributeValues: undefined })],
    ['Query', query('pk = :a', { TableName: 'another' })],
    ['Query', { TableName, KeyConditions: { pk: { ComparisonOperator: 'EQ' } } }],
    ['ExecuteStatement', { Statement: 'SELECT * FROM ledger' }],
    ['ExecuteStatement', { Statement: `SELECT * FROM ledger l WHERE l.pk = 'a'` }],
    ['ExecuteStatement', { Statement: `DELETE FROM ledger WHERE pk = 'a'` }],
    ['ExecuteStatement', { Statement: `INSERT INTO ledger VALUE {'pk': ?}` }],
    ['ExecuteStatement', { Statement: `INSERT INTO ledger VALUE {'pk': 'a', 'pk': 'b'}` }],
    ['ExecuteStatement', { Statement: `INSERT INTO ledger VALUE {'in': {'pk': 'a'}}` }],
  ])('%s %j cannot be told, and are not guessed', (operation, input) => {
    expect(() => leadingKeys(operation, input)).toThrow(
      'The local twin cannot tell the leading keys of this call',
    );
  });
});

describe('Kinesis', () => {
  it.each([
    'PutRecord',
    'PutRecords',
    'GetShardIterator',
    'ListShards',
    'DescribeStream',
    'DescribeStreamSummary',
  ])('%s needs the action of its name on the stream', (operation) => {
    const expected = [[`kinesis:${operation}`, streamArn('events')]];

    expect(pairs({ operation, input: { StreamName: 'events' } })).toEqual(expected);
    expect(pairs({ operation, input: { StreamARN: streamArn('events') } })).toEqual(expected);
  });

  it('GetRecords needs it on the stream that its iterator is of, whatever stream it names', () => {
    const input = { ShardIterator: 'known', StreamARN: streamArn('another') };

    expect(pairs({ operation: 'GetRecords', input })).toEqual([['kinesis:GetRecords', streamArn('events')]]);
  });

  it('what names no stream is not known', () => {
    expect(() => needs({ operation: 'ListShards', input: { NextToken: 'x' } })).toThrow('kinesis:ListShards');
  });
});

const s3 = (request: string, more: Parameters<typeof awsCall>[0] = {}) => {
  const [method = '', url = ''] = request.split(' ');
  return { service: 's3', method, url, operation: 'any', ...more };
};
const inBucket = (key: string) => `arn:aws:s3:::letters/${key}`;

describe('S3', () => {
  it.each([
    ['PUT /letters/a/b%20c?x-id=PutObject', 's3:PutObject', inBucket('a/b c')],
    ['PUT /letters/a?partNumber=1&uploadId=u&x-id=UploadPart', 's3:PutObject', inBucket('a')],
    ['POST /letters/a?uploads', 's3:PutObject', inBucket('a')],
    ['POST /letters/a?uploadId=u', 's3:PutObject', inBucket('a')],
    ['DELETE /letters/a?uploadId=u', 's3:AbortMultipartUpload', inBucket('a')],
    ['GET /letters/a?x-id=GetObject&response-content-type=x', 's3:GetObject', inBucket('a')],
    ['HEAD /letters/a', 's3:GetObject', inBucket('a')],
    ['DELETE /letters/a?x-id=DeleteObject', 's3:DeleteObject', inBucket('a')],
    ['GET /letters?list-type=2&prefix=a', 's3:ListBucket', 'arn:aws:s3:::letters'],
    ['HEAD /letters/', 's3:ListBucket', 'arn:aws:s3:::letters'],
  ])('%s needs %s', (request, action, resource) => {
    expect(pairs(s3(request))).toEqual([[action, resource]]);
  });

  it('a copy needs to read what it copies', () => {
    const headers = { 'x-amz-copy-source': '/others/from%20here?versionId=1' };

    expect(pairs(s3('PUT /letters/to', { headers }))).toEqual([
      ['s3:GetObject', 'arn:aws:s3:::others/from here'],
      ['s3:PutObject', inBucket('to')],
    ]);
  });

  it('a deletion of many needs it of each', () => {
    const body = Buffer.from(
      '<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;c</Key></Object><Quiet>true</Quiet></Delete>',
    );

    expect(pairs(s3('POST /letters?delete', { body }))).toEqual([
      ['s3:DeleteObject', inBucket('a')],
      ['s3:DeleteObject', inBucket('b&c')],
    ]);
  });
});

describe('SQS and SNS', () => {
  it.each([
    ['SendMessage', 'SendMessage'],
    ['SendMessageBatch', 'SendMessage'],
    ['ReceiveMessage', 'ReceiveMessage'],
    ['DeleteMessageBatch', 'DeleteMessage'],
  ])('%s needs sqs:%s on the queue of the URL', (operation, action) => {
    const input = { QueueUrl: 'http://127.0.0.1:1/000000000000/letters' };

    expect(pairs({ service: 'sqs', operation, input })).toEqual([[`sqs:${action}`, queueArn('letters')]]);
  });

  it.each(['TopicArn', 'TargetArn'])('Publish and PublishBatch need sns:Publish on the %s', (name) => {
    const topic = 'arn:aws:sns:us-east-1:000000000000:news';
    const body = Buffer.from(new URLSearchParams({ [name]: topic }).toString());

    for (const operation of ['Publish', 'PublishBatch'])
      expect(pairs({ service: 'sns', operation, body })).toEqual([['sns:Publish', topic]]);
  });
});

describe('CloudWatch', () => {
  it.each(['PutMetricData', 'GetMetricData', 'GetMetricStatistics', 'ListMetrics'])(
    '%s needs the action of its name on everything: metrics have no ARN',
    (operation) => {
      expect(pairs({ service: 'monitoring', operation, input: {} })).toEqual([
        [`cloudwatch:${operation}`, '*'],
      ]);
    },
  );

  it('what asks for alarms needs it on all of them, and what sets one on that one', () => {
    const alarm = (name: string) => `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`;
    const set = { service: 'monitoring', operation: 'SetAlarmState', input: { AlarmName: 'late' } };

    for (const operation of ['DescribeAlarms', 'DescribeAlarmHistory'])
      expect(pairs({ service: 'monitoring', operation, input: {} })).toEqual([
        [`cloudwatch:${operation}`, alarm('*')],
      ]);
    expect(pairs(set)).toEqual([['cloudwatch:SetAlarmState', alarm('late')]]);
  });
});

it.each([
  [dynamoDb('CreateTable', { TableName }), 'dynamodb:CreateTable', 'needs/dynamodb.ts'],
  [dynamoDb('toString', {}), 'dynamodb:toString', 'needs/dynamodb.ts'],
  [{ operation: 'DeleteStream', input: {} }, 'kinesis:DeleteStream', 'needs/kinesis.ts'],
  [s3('PUT /letters?policy', { operation: 'PutBucketPolicy' }), 's3:PutBucketPolicy', 'needs/s3.ts'],
  [s3('GET /', { operation: 'ListBuckets' }), 's3:ListBuckets', 'needs/s3.ts'],
  [
    s3('PUT /letters/a', { operation: 'PutObject', headers: { 'x-amz-tagging': 'a=b' } }),
    's3:PutObject',
    'needs/s3.ts',
  ],
  [s3('POST /letters?delete', { operation: 'DeleteObjects' }), 's3:DeleteObjects', 'needs/s3.ts'],
  [
    { service: 'sqs', operation: 'DeleteQueue', input: { QueueUrl: '/q' } },
    'sqs:DeleteQueue',
    'needs/sqs.ts',
  ],
  [{ service: 'sns', operation: 'CreateTopic', input: {} }, 'sns:CreateTopic', 'needs/sns.ts'],
  [{ service: 'monitoring', operation: 'PutDashboard' }, 'monitoring:PutDashboard', 'needs/monitoring.ts'],
  [s3('GET /letters/%E0%A4%A', { operation: 'GetObject' }), 's3:GetObject', 'needs/s3.ts'],
  [dynamoDb('BatchExecuteStatement', { Statements: [] }), 'dynamodb:BatchExecuteStatement', 'dynamodb.ts'],
  [{ ...dynamoDb('TransactWriteItems', {}), body: Buffer.from(' {}') }, 'dynamodb:Transact', 'dynamodb.ts'],
])('what nobody knows needs what cannot be said: %#', (parts, name, file) => {
  expect(() => needs(parts)).toThrow(`The local twin does not know which permission ${name}`);
  expect(() => needs(parts)).toThrow(expect.objectContaining({ remedy: expect.stringContaining(file) }));
});

it('what of an object is asked is told where that is not known', () => {
  expect(() => needs(s3('GET /letters/a?versionId=1', { operation: 'GetObject' }))).toThrow(
    's3:GetObject takes as it is asked here (GET /letters/a?versionId=1).',
  );
});

it('a service that the twin does not run is told by its name', () => {
  expect(() => needs({ service: 'ssm', operation: 'GetParameter', input: {} })).toThrow(
    'The local twin has no ssm for functions (GetParameter).',
  );
});

it.each([
  dynamoDb('BatchExecuteStatement', { Statements: [null] }),
  dynamoDb('ExecuteTransaction', { TransactStatements: [{ Statement: 'REPLACE INTO ledger' }] }),
  dynamoDb('TransactWriteItems', { TransactItems: [{ Steal: { TableName } }] }),
])('nor is a part of a call passed over that nobody knows: %#', (parts) => {
  expect(() => needs(parts)).toThrow('does not know which permission this takes');
});

describe('Lambda', () => {
  const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:settle';
  const invoke = (name: string, method = 'POST') => ({
    service: 'lambda',
    operation: 'POST /functions/{id}/invocations',
    method,
    url: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations?Qualifier=%24LATEST`,
  });

  it('an invocation of an alias needs the right to invoke the alias, however it is named', () => {
    const needed = [['lambda:InvokeFunction', `${functionArn}:live`]];
    const byQualifier = {
      ...invoke('settle'),
      url: '/2015-03-31/functions/settle/invocations?Qualifier=live',
    };

    for (const call of [invoke('settle:live'), invoke(`${functionArn}:live`), byQualifier])
      expect(pairs(call)).toEqual(needed);
  });

  it.each(['settle', functionArn])('an invocation of %s needs the right to invoke that function', (name) => {
    expect(pairs(invoke(name))).toEqual([['lambda:InvokeFunction', functionArn]]);
  });

  it('anything else is not known', () => {
    expect(() => pairs(invoke('settle', 'GET'))).toThrow(NeedNotModelled);
    expect(() => pairs({ ...invoke('settle'), url: '/2015-03-31/functions' })).toThrow(NeedNotModelled);
  });
});
