import { ConditionalCheckFailedException, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import {
  BatchExecuteStatementCommand,
  DynamoDBDocumentClient,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { TableUnavailable } from '../../../../adapters/aws/dynamodb-client.ts';
import { DynamoClaimLogs } from '../../../../adapters/storing/dynamodb-claim-logs.ts';
import { noPause } from '../../../support/tables.ts';

const client = mockClient(DynamoDBDocumentClient);
afterAll(() => client.restore());
beforeEach(() => {
  client.reset();
});
const logs = () =>
  new DynamoClaimLogs({
    client: client as unknown as DynamoDBDocumentClient,
    name: 'claim-logs',
    pause: noPause,
  });

const link = { log: 't#p#3', position: 4, data: Uint8Array.from([1]), expiresAtMs: 9000 };

it('reads logs of windows that follow each other with one query, and none in between that was not asked for', async () => {
  client.on(QueryCommand).resolves({});

  await logs().read([
    { log: 't#p#6', after: -1 },
    { log: 't#p#2', after: 7 },
    { log: 't#p#3', after: -1 },
    { log: 't#p#5', after: 2 },
    { log: 't#q#4', after: -1 },
  ]);

  const ranges = client.commandCalls(QueryCommand).map(({ args: [{ input }] }) => {
    const { ':pk': pk, ':first': first, ':last': last } = input.ExpressionAttributeValues ?? {};
    return `${pk} ${first} to ${last}, consistent ${input.ConsistentRead}`;
  });
  expect(ranges.toSorted()).toEqual([
    't#p 2#00008 to 3#~, consistent true',
    't#p 5#00003 to 6#~, consistent true',
    't#q 4#00000 to 4#~, consistent true',
  ]);
});

it('hands each link to its log', async () => {
  const item = (sk: string) => ({ pk: 't#p', sk, d: Uint8Array.from([1]), ttl: 9 });
  client.on(QueryCommand).resolves({ Items: [item('2#00008'), item('3#00000'), item('3#00001')] });

  const [third, second] = await logs().read([
    { log: 't#p#3', after: -1 },
    { log: 't#p#2', after: 7 },
  ]);

  expect(second).toEqual([{ ...link, log: 't#p#2', position: 8 }]);
  expect(third?.map(({ position }) => position)).toEqual([0, 1]);
});

it('says of each link whether it landed', async () => {
  client.on(BatchExecuteStatementCommand).resolves({
    Responses: [{}, { Error: { Code: 'DuplicateItem' } }, { Error: { Code: 'ThrottlingError' } }],
  });

  const wanted = ['t#p#1', 't#p#2', 't#p#3'].map((log) => ({ ...link, log }));

  expect(await logs().append(wanted)).toEqual(['appended', 'taken', 'undecided']);
});

it('prolongs a link only if it expires when it was said to', async () => {
  client.on(UpdateCommand).resolves({});

  expect(await logs().prolong(link, 20_000)).toBe(true);
  const [call] = client.commandCalls(UpdateCommand);
  expect(call?.args[0].input).toMatchObject({
    Key: { pk: 't#p', sk: '3#00004' },
    ConditionExpression: '#ttl = :from',
    ExpressionAttributeValues: { ':from': 9, ':ttl': 20 },
  });
});

it('tells a link that is gone from a table that is unavailable', async () => {
  client.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ $metadata: {}, message: '' }));
  expect(await logs().prolong(link, 20_000)).toBe(false);

  client.on(UpdateCommand).rejects(
    new DynamoDBServiceException({
      name: 'ThrottlingException',
      $fault: 'server',
      $metadata: {},
      message: '',
    }),
  );
  await expect(logs().prolong(link, 20_000)).rejects.toThrow(TableUnavailable);
});
