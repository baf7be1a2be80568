// A twin of an app that keeps something in each of its stores, for tests of what a damaged file becomes. As a program it
// fills the folder that it is given, prints what it holds, and waits to be killed, or stops in order.

import { createHash } from 'node:crypto';
import { callEngine, sendToEngine } from '../../src/core/engine-call.ts';
import { startTwin, type Twin } from '../../src/core/twin.ts';
import { stackOf } from '../fixture.ts';
import { eventually } from './eventually.ts';

const allow = (Action: string) => ({ Effect: 'Allow', Action, Resource: '*' });
const streamArn = { 'Fn::GetAtt': ['Events', 'Arn'] };
const stack = stackOf('keeping', {
  Resources: {
    Orders: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'orders',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      },
    },
    Events: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'events', ShardCount: 1 } },
    Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } },
    Key: { Type: 'AWS::ApiGateway::ApiKey', Properties: { Name: 'key', Enabled: true } },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'reader',
        AssumeRolePolicyDocument: {
          Statement: [
            { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
          ],
        },
        Policies: [
          { PolicyName: 'read', PolicyDocument: { Version: '2012-10-17', Statement: [allow('kinesis:*')] } },
        ],
      },
    },
    Reader: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'reader',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile: 'exports.handler = async () => ({})' },
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: streamArn,
        FunctionName: { Ref: 'Reader' },
        StartingPosition: 'TRIM_HORIZON',
      },
    },
  },
});

export const startKeeping = (folder: string): Promise<Twin> =>
  startTwin([stack], { folder, report: () => undefined, longestWindowMs: 0 });

const putObject = (proxyUrl: string, key: string, body: string) =>
  sendToEngine(proxyUrl, { method: 'PUT', path: `/files/${key}`, service: 's3', headers: {}, body });

/** So much that a part of the tables is in the database, and a part in its log. */
async function fill({ proxyUrl }: Twin, round: string): Promise<void> {
  const text = round.repeat(8_000);
  for (let index = 0; index < 40; index += 1) {
    await callEngine(proxyUrl, 'dynamodb', 'PutItem', {
      TableName: 'orders',
      Item: { id: { S: `${round}${index}` }, text: { S: text } },
    });
    await callEngine(proxyUrl, 'kinesis', 'PutRecord', {
      StreamName: 'events',
      PartitionKey: `${index}`,
      Data: Buffer.from(`${round}${index}${text}`).toString('base64'),
    });
  }
  await putObject(proxyUrl, `one-${round}`, text);
  await putObject(proxyUrl, `two-${round}`, text);
}

/** What a client finds, and that the mapping is not past it. */
export async function contentOf({ proxyUrl, state }: Twin): Promise<Readonly<Record<string, string>>> {
  const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
  const scan = (from?: object) =>
    callEngine<{ Items: { id: { S: string }; text: { S: string } }[]; LastEvaluatedKey?: object }>(
      proxyUrl,
      'dynamodb',
      'Scan',
      { TableName: 'orders', ...(from && { ExclusiveStartKey: from }) },
    );
  const items: string[] = [];
  for (let page = await scan(); ; page = await scan(page.LastEvaluatedKey)) {
    // The engine's order of attributes is another at each start.
    items.push(...page.Items.map(({ id, text }) => `${id.S} ${text.S}`));
    if (page.LastEvaluatedKey === undefined) break;
  }
  const { ShardIterator } = await callEngine<{ ShardIterator: string }>(
    proxyUrl,
    'kinesis',
    'GetShardIterator',
    { StreamName: 'events', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' },
  );
  const { Records } = await callEngine<{ Records: { Data: string }[] }>(proxyUrl, 'kinesis', 'GetRecords', {
    ShardIterator,
  });
  const { buckets } = await state();
  const keys = buckets.files?.objects.map(({ key, bytes }) => [key, bytes]);
  return {
    items: digest(items.toSorted()),
    records: digest(Records.map(({ Data }) => Data)),
    objects: digest(keys),
  };
}

const [, program, folder = '', round = '', how] = process.argv;
if (program === import.meta.filename) {
  const twin = await startKeeping(folder);
  await fill(twin, round);
  await eventually(
    async () => Object.values((await twin.state()).mappings),
    (mappings) =>
      mappings.every(({ shards }) =>
        Object.values(shards).every(({ held_records, checkpoint }) => held_records === 0 && checkpoint),
      ),
  );
  const content = await contentOf(twin);
  if (how === 'stop') await twin.stop();
  console.log(JSON.stringify(content));
}
