import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { jsonAnswer } from '../../../src/core/proxy/aws-call.ts';
import { createCallers } from '../../../src/core/proxy/identify.ts';
import { jsonBody } from '../../../src/core/proxy/json-body.ts';
import { Roles } from '../../../src/services/iam/function-roles.ts';
import { Permissions } from '../../../src/services/iam/permissions.ts';
import { unusedGrants } from '../../../src/services/iam/unused-grants.ts';
import { connectedProxy, templateOf } from '../../fixture.ts';
import { allows, codeOf, startPermissions, streamArn, tableArn, templateWith } from './fixture.ts';

const item = { TableName: 'ledger', Key: { pk: { S: 'a' }, sk: { S: 'b' } } };
const session = 'arn:aws:sts::000000000000:assumed-role/ingest-role/weir-dev-ingest';
const denied = (action: string, resource: string) =>
  `User: ${session} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;

describe('a call', () => {
  it('that a grant allows goes on as it is', async () => {
    const { dynamoDb, reached, reports } = startPermissions(
      templateWith([allows('dynamodb:GetItem', tableArn('ledger'))]),
    );

    expect(await dynamoDb('GetItem', item)).toMatchObject({ status: 200 });
    expect(reached.map(({ operation }) => operation)).toEqual(['GetItem']);
    expect(reports).toEqual([]);
  });

  it('that nothing allows reaches nobody, and is answered and told', async () => {
    const { dynamoDb, reached, reports } = startPermissions(templateWith([]));

    const answer = await dynamoDb('GetItem', item);

    expect(answer.status).toBe(400);
    expect(jsonBody(answer.body)).toEqual({
      __type: 'AccessDeniedException',
      message: denied('dynamodb:GetItem', tableArn('ledger')),
    });
    expect(reached).toEqual([]);
    expect(reports).toEqual([
      `ingest was denied a call. Nothing of ingest-role grants dynamodb:GetItem on ${tableArn('ledger')}. If ingest needs it, grant dynamodb:GetItem on that resource to its role.`,
    ]);
  });

  it('that is denied expressly says so', async () => {
    const all = allows('*', '*');
    const { dynamoDb, reports } = startPermissions(
      templateWith([all, { ...allows('dynamodb:Get*', '*'), Effect: 'Deny' }]),
    );

    const answer = await dynamoDb('GetItem', item);

    expect(jsonBody(answer.body)?.message).toMatch(
      /not authorized to perform: dynamodb:GetItem on resource: \S+ with an explicit deny in an identity-based policy$/,
    );
    expect(reports).toEqual([
      expect.stringContaining('A statement of ingest-role denies dynamodb:GetItem on '),
    ]);
  });

  it('that is denied in one of its parts is denied as a whole', async () => {
    const { dynamoDb, reached } = startPermissions(
      templateWith([allows(['dynamodb:PutItem', 'dynamodb:BatchWriteItem'], tableArn('ledger'))]),
    );
    const put = (TableName: string) => ({ Put: { TableName, Item: item.Key } });

    for (const [operation, input] of [
      ['TransactWriteItems', { TransactItems: [put('ledger'), put('pages')] }],
      ['BatchWriteItem', { RequestItems: { ledger: [], pages: [] } }],
    ] as const)
      expect(codeOf(await dynamoDb(operation, input))).toBe('AccessDeniedException');

    expect(reached).toEqual([]);
  });

  it('that carries keys is held against the condition on them', async () => {
    const { dynamoDb } = startPermissions(
      templateWith([
        allows('dynamodb:GetItem', tableArn('ledger'), {
          Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a'] } },
        }),
      ]),
    );
    const other = { ...item, Key: { pk: { S: 'z' } } };

    expect((await dynamoDb('GetItem', item)).status).toBe(200);
    expect(codeOf(await dynamoDb('GetItem', other))).toBe('AccessDeniedException');
    expect((await dynamoDb('GetItem', item)).status).toBe(200);
  });

  it('of an operation that the twin does not know is denied, whatever is granted, with what to do', async () => {
    const { dynamoDb, reached, reports } = startPermissions(templateWith([allows('*', '*')]));

    const answer = await dynamoDb('RestoreTableFromBackup', {});

    const words =
      'The local twin does not know which permission dynamodb:RestoreTableFromBackup takes as it is asked here.';
    expect(jsonBody(answer.body)).toEqual({ __type: 'AccessDeniedException', message: words });
    expect(reports).toEqual([
      `ingest was denied a call. ${words} The app may be right: to model the call, see src/services/iam/needs/dynamodb.ts of the twin.`,
    ]);
    expect(reached).toEqual([]);
  });
});

it('a call that names nothing is denied, whatever is granted: nobody looked at what it does', async () => {
  const { send, reached } = startPermissions(templateWith([allows('*', '*')]));

  for (const operation of ['TransactWriteItems', 'BatchGetItem', 'BatchExecuteStatement'])
    await send({
      service: 'dynamodb',
      operation,
      body: Buffer.from(' {"TransactItems":[]}'),
      caller: 'ingest',
    });

  expect(reached).toEqual([]);
});

describe('that an object is missing', () => {
  const get = { service: 's3', operation: 'GetObject', method: 'GET', url: '/letters/a', caller: 'ingest' };
  const ask = (...actions: readonly string[]) =>
    startPermissions(templateWith([allows([...actions], '*')]), () => ({}), 404).send(get);

  it('is told to who may list its bucket', async () => {
    expect((await ask('s3:GetObject', 's3:ListBucket')).status).toBe(404);
  });

  it('is a denial to others, as in AWS', async () => {
    const answer = await ask('s3:GetObject');

    expect(answer.status).toBe(403);
    expect(answer.body.toString()).toContain('perform: s3:ListBucket on resource: arn:aws:s3:::letters ');
  });
});

it('what is denied is told once for each caller, action and resource, and counted each time', async () => {
  const { dynamoDb, reports, grants } = startPermissions(templateWith([]));

  for (const operation of ['GetItem', 'PutItem', 'GetItem', 'GetItem']) await dynamoDb(operation, item);
  await dynamoDb('GetItem', item, 'ingest-mapping');

  expect(reports).toEqual([
    expect.stringMatching(/^ingest was .*dynamodb:GetItem/),
    expect.stringMatching(/^ingest was .*dynamodb:PutItem/),
    expect.stringMatching(/^ingest-mapping was .*dynamodb:GetItem/),
  ]);
  expect(grants().ingest?.denied.map(({ action, times }) => [action, times])).toEqual([
    ['dynamodb:GetItem', 3],
    ['dynamodb:PutItem', 1],
    ['dynamodb:GetItem', 1],
  ]);
});

it('an operator and the notifications of buckets are asked for no grant', async () => {
  const { dynamoDb, send } = startPermissions(templateWith([]));

  expect((await dynamoDb('GetItem', item, 'operator')).status).toBe(200);
  expect(
    (await send({ service: 'sqs', operation: 'SendMessage', caller: 'bucket-notifications' })).status,
  ).toBe(200);
});

it('the address of a queue costs Lambda nothing, but a function its grant', async () => {
  const { send } = startPermissions(templateWith([]));
  const ask = (caller: string) =>
    send({ service: 'sqs', operation: 'GetQueueUrl', input: { QueueName: 'letters' }, caller });

  expect((await ask('ingest-mapping')).status).toBe(200);
  expect((await ask('ingest-destination')).status).toBe(200);
  expect((await ask('ingest')).status).toBe(403);
});

describe('a batch of statements', () => {
  const insert = (table: string) => ({
    Statement: `INSERT INTO "${table}" VALUE {'pk': ?}`,
    Parameters: [{ S: 'a' }],
  });
  const start = () =>
    startPermissions(templateWith([allows('dynamodb:PartiQLInsert', tableArn('ledger'))]), ({ body }) => {
      const { Statements = [] } = jsonBody(body) as { readonly Statements?: readonly unknown[] };
      return { Responses: Statements.map((_, index) => ({ TableName: `${index}` })) };
    });

  it('goes on without those that are denied, which answer each in its place', async () => {
    const { dynamoDb, reached } = start();

    const answer = await dynamoDb('BatchExecuteStatement', {
      Statements: [insert('pages'), insert('ledger'), insert('pages'), insert('ledger')],
    });

    const refusal = { Code: 'AccessDenied', Message: denied('dynamodb:PartiQLInsert', tableArn('pages')) };
    expect(answer.status).toBe(200);
    expect(jsonBody(answer.body)?.Responses).toEqual([
      { Error: refusal },
      { TableName: '0' },
      { Error: refusal },
      { TableName: '1' },
    ]);
    expect(reached.map(({ body }) => jsonBody(body)?.Statements)).toEqual([
      [insert('ledger'), insert('ledger')],
    ]);
  });

  it('says of each that is denied why, also of one that nobody can read', async () => {
    const { dynamoDb } = start();
    const unreadable = { Statement: 'REPLACE INTO "ledger"' };

    const answer = await dynamoDb('BatchExecuteStatement', {
      Statements: [insert('accounts'), unreadable, insert('ledger'), insert('pages')],
    });

    const refused = (words: string) => ({
      Error: { Code: 'AccessDenied', Message: expect.stringContaining(words) },
    });
    expect(jsonBody(answer.body)?.Responses).toEqual([
      refused('table/accounts'),
      refused('which permission this takes: REPLACE INTO'),
      { TableName: '0' },
      refused('table/pages'),
    ]);
  });

  it('reaches nobody when all are denied', async () => {
    const { dynamoDb, reached } = start();

    const answer = await dynamoDb('BatchExecuteStatement', { Statements: [insert('pages')] });

    expect(jsonBody(answer.body)?.Responses).toMatchObject([{ Error: { Code: 'AccessDenied' } }]);
    expect(reached).toEqual([]);
  });

  it('goes on as it is when none is denied', async () => {
    const { dynamoDb, reached } = start();
    const input = { Statements: [insert('ledger')] };

    expect((await dynamoDb('BatchExecuteStatement', input)).status).toBe(200);
    expect(reached.map(({ body }) => jsonBody(body))).toEqual([input]);
  });
});

describe('records are read', () => {
  const reading = (stream: string) => [
    allows(['kinesis:GetShardIterator'], '*'),
    allows(['kinesis:GetRecords'], streamArn(stream)),
  ];
  const start = (stream: string) => {
    let made = 0;
    return startPermissions(templateWith(reading(stream)), ({ operation }) => {
      made += 1;
      return operation === 'GetRecords' ? { NextShardIterator: `${made}` } : { ShardIterator: `${made}` };
    });
  };
  const read = async ({ kinesis }: ReturnType<typeof start>, ShardIterator: string) =>
    kinesis('GetRecords', { ShardIterator }, 'ingest-mapping');

  it('by every iterator that came of the stream', async () => {
    const permissions = start('events');

    await permissions.kinesis('GetShardIterator', { StreamName: 'events' }, 'ingest-mapping');

    for (const iterator of ['1', '2', '1']) expect((await read(permissions, iterator)).status).toBe(200);
  });

  it('from no other stream', async () => {
    const permissions = start('another');

    await permissions.kinesis('GetShardIterator', { StreamName: 'events' }, 'ingest-mapping');

    const answer = await read(permissions, '1');
    expect(jsonBody(answer.body)?.message).toBe(denied('kinesis:GetRecords', streamArn('events')));
  });

  it('and by no iterator from elsewhere: it counts as expired, so that another is asked for', async () => {
    expect(codeOf(await read(start('events'), 'found'))).toBe('ExpiredIteratorException');
  });
});

describe('a denial speaks as', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  it.each([
    [
      'Kinesis',
      { operation: 'PutRecords', input: { StreamName: 's' } },
      400,
      '{"__type":"AccessDeniedException","message":"User: ',
    ],
    [
      'SQS',
      { service: 'sqs', operation: 'SendMessage', input: { QueueUrl: '/q' } },
      403,
      '{"__type":"AccessDenied","message":"User: ',
    ],
    [
      'S3',
      { service: 's3', operation: 'PutObject', method: 'PUT', url: '/b/k' },
      403,
      '<Error><Code>AccessDenied</Code><Message>User: ',
    ],
    [
      'SNS',
      {
        service: 'sns',
        operation: 'Publish',
        headers: form,
        body: Buffer.from('TopicArn=arn:aws:sns:us-east-1:0:t'),
      },
      403,
      '<Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>User: ',
    ],
  ])('%s does', async (_name, call, status, words) => {
    const answer = await startPermissions(templateWith([])).send(call);

    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toContain(words);
  });

  it('the SDK hears it, as an error that it does not retry', async () => {
    const callers = createCallers();
    const template = templateOf(templateWith([]));
    const permissions = new Permissions({
      template,
      roles: new Roles(template),
      explained: unusedGrants,
      report: () => undefined,
    });
    let calls = 0;
    const proxy = connectedProxy({
      callers,
      report: () => undefined,
      steps: [
        (call, next) => {
          calls += 1;
          return next(call);
        },
        permissions.step,
      ],
      destinations: { dynamodb: { answer: async () => jsonAnswer(200, {}) } },
    });
    await proxy.start();
    const credentials = { accessKeyId: callers.accessKeyIdOf('ingest'), secretAccessKey: 'any' };
    const client = new DynamoDBClient({ endpoint: proxy.url, region: 'us-east-1', credentials });

    await expect(client.send(new GetItemCommand(item))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: denied('dynamodb:GetItem', tableArn('ledger')),
    });

    expect(calls).toBe(1);
    client.destroy();
    await proxy.end();
  });
});
