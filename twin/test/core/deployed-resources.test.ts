import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callEngine } from '../../src/core/engine-call.ts';
import { FauxqsEngine } from '../../src/core/fauxqs-engine.ts';
import { DynamoDbEngine } from '../../src/services/dynamodb/engine.ts';
import { createTables } from '../../src/services/dynamodb/tables.ts';
import { KinesisEngine } from '../../src/services/kinesis/engine.ts';
import { createStreams } from '../../src/services/kinesis/streams.ts';
import { createQueues } from '../../src/services/sqs/queues.ts';
import { templateOf } from '../fixture.ts';
import { eventually } from '../support/eventually.ts';

describe('a queue of the template', () => {
  const engine = new FauxqsEngine();
  beforeAll(() => engine.start());
  afterAll(() => engine.end());

  const queue = (properties: object) => ({ Type: 'AWS::SQS::Queue', Properties: { ...properties } });
  const ask = <T>(operation: string, input: object) =>
    callEngine<T>(engine.endpoint, 'sqs', operation, input);
  const attributesOf = async (QueueUrl: string) =>
    (
      await ask<{ Attributes: Record<string, string> }>('GetQueueAttributes', {
        QueueUrl,
        AttributeNames: ['All'],
      })
    ).Attributes;

  it('is there under its URL, with the attributes that the template gives it', async () => {
    const template = templateOf({
      Failed: queue({
        QueueName: 'failed',
        VisibilityTimeout: 7,
        DelaySeconds: 2,
        MessageRetentionPeriod: 600,
      }),
    });
    await createQueues(template, engine.endpoint);

    const [failed] = template.resources('AWS::SQS::Queue');
    expect(await attributesOf(failed?.reference ?? '')).toMatchObject({
      QueueArn: failed?.attribute('Arn'),
      VisibilityTimeout: '7',
      DelaySeconds: '2',
      MessageRetentionPeriod: '600',
    });
    expect(failed?.unread()).toEqual([]);
  });

  it('hands what is received too often to its dead-letter queue', async () => {
    const RedrivePolicy = { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 1 };
    const template = templateOf({
      Work: queue({ QueueName: 'work', VisibilityTimeout: 0, RedrivePolicy }),
      Dead: queue({ QueueName: 'dead' }),
    });
    await createQueues(template, engine.endpoint);
    const [work = '', dead = ''] = template.resources('AWS::SQS::Queue').map(({ reference }) => reference);
    type Received = { readonly Messages?: readonly { readonly Body: string }[] };
    const receive = async (QueueUrl: string) =>
      (await ask<Received>('ReceiveMessage', { QueueUrl })).Messages?.map(({ Body }) => Body) ?? [];

    await ask('SendMessage', { QueueUrl: work, MessageBody: 'poison' });
    expect(await receive(work)).toEqual(['poison']);
    await receive(work);

    await eventually(
      () => receive(dead),
      (bodies) => bodies.includes('poison'),
    );
  });

  it('that keeps order without a name gets one that such a queue may have', async () => {
    const template = templateOf({ Ordered: queue({ FifoQueue: true, ContentBasedDeduplication: true }) });
    await createQueues(template, engine.endpoint);

    const [ordered] = template.resources('AWS::SQS::Queue');
    expect(ordered?.name).toBe('weir-test-Ordered.fifo');
    expect(await attributesOf(ordered?.reference ?? '')).toMatchObject({ ContentBasedDeduplication: 'true' });
  });

  it('has what the engine does not run left unread', async () => {
    const template = templateOf({ Sealed: queue({ QueueName: 'sealed', KmsMasterKeyId: 'alias/a' }) });
    await createQueues(template, engine.endpoint);

    expect(template.resources('AWS::SQS::Queue')[0]?.unread()).toEqual(['KmsMasterKeyId']);
  });
});

describe('a stream of the template', () => {
  const engine = new KinesisEngine(undefined);
  beforeAll(() => engine.start());
  afterAll(() => engine.end());

  const streamTemplate = (properties: object) =>
    templateOf({ Stream: { Type: 'AWS::Kinesis::Stream', Properties: { ...properties } } });
  const described = async (StreamName: string) => {
    type Answer = {
      readonly StreamDescription: {
        readonly RetentionPeriodHours: number;
        readonly Shards: readonly object[];
      };
    };
    const { StreamDescription } = await callEngine<Answer>(engine.endpoint, 'kinesis', 'DescribeStream', {
      StreamName,
    });
    return { hours: StreamDescription.RetentionPeriodHours, shards: StreamDescription.Shards.length };
  };

  it.each([
    [
      'on demand has four shards',
      { StreamModeDetails: { StreamMode: 'ON_DEMAND' } },
      { shards: 4, hours: 24 },
    ],
    [
      'with capacity of its own has that',
      { StreamModeDetails: { StreamMode: 'PROVISIONED' }, ShardCount: 3 },
      { shards: 3, hours: 24 },
    ],
    [
      'keeps records as long as it says',
      { ShardCount: 1, RetentionPeriodHours: 72 },
      { shards: 1, hours: 72 },
    ],
  ])('%s', async (name, properties, expected) => {
    const Name = name.replaceAll(' ', '-');
    const template = streamTemplate({ Name, ...properties });

    await createStreams(template, engine.endpoint);

    expect(await described(Name)).toEqual(expected);
    expect(template.unread()).toEqual([]);
  });

  it('that is there already keeps records longer or shorter when the template says so, and is read', async () => {
    const start = (RetentionPeriodHours: number) => {
      const template = streamTemplate({ Name: 'again', ShardCount: 1, RetentionPeriodHours });
      return createStreams(template, engine.endpoint).then(() => template.unread());
    };
    const hours = async () => (await described('again')).hours;

    await start(48);
    expect(await hours()).toBe(48);
    expect(await start(96)).toEqual([]);
    expect(await hours()).toBe(96);
    expect(await start(24)).toEqual([]);

    expect(await hours()).toBe(24);
  });
});

describe('a stream that is there already with another number of shards is taken as it is', () => {
  const engine = new KinesisEngine(undefined);
  beforeAll(() => engine.start());
  afterAll(() => engine.end());

  const ask = (operation: string, input: object) => callEngine(engine.endpoint, 'kinesis', operation, input);
  const start = (properties: object) =>
    createStreams(
      templateOf({ Stream: { Type: 'AWS::Kinesis::Stream', Properties: { ...properties } } }),
      engine.endpoint,
    );

  it('where it is on demand, by which AWS chooses the number', async () => {
    await start({ Name: 'made-before', ShardCount: 2 });

    await start({ Name: 'made-before', StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
  });

  it('where somebody split a shard or merged two, whose number it is now', async () => {
    await start({ Name: 'split', ShardCount: 1 });
    const NewStartingHashKey = `${2n ** 127n}`;
    await ask('SplitShard', {
      StreamName: 'split',
      ShardToSplit: 'shardId-000000000000',
      NewStartingHashKey,
    });
    await start({ Name: 'split', ShardCount: 1 });

    await ask('MergeShards', {
      StreamName: 'split',
      ShardToMerge: 'shardId-000000000001',
      AdjacentShardToMerge: 'shardId-000000000002',
    });
    await start({ Name: 'split', ShardCount: 1 });
  });
});

it('a stream that was made with another number of shards is told with what to do', async () => {
  const engine = new KinesisEngine(undefined);
  await engine.start();
  const start = (ShardCount: number) =>
    createStreams(
      templateOf({ Stream: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'events', ShardCount } } }),
      engine.endpoint,
    );
  await start(1);

  await expect(start(3)).rejects.toThrow(
    /^The stream events was made by an earlier template: it had 1 shards, and has now 3\. Move the whole data folder/,
  );
  await engine.end();
});

describe('a table of the template', () => {
  const engine = new DynamoDbEngine({ onLoss: () => {} });
  beforeAll(() => engine.start());
  afterAll(() => engine.end());

  const keys = [{ AttributeName: 'pk', KeyType: 'HASH' }];
  const ProvisionedThroughput = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
  const definition = {
    TableName: 'pages',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: keys,
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    GlobalSecondaryIndexes: [
      { IndexName: 'again', KeySchema: keys, Projection: { ProjectionType: 'ALL' }, ProvisionedThroughput },
    ],
  };
  const start = async (changes: object = {}) => {
    const template = templateOf({
      Table: { Type: 'AWS::DynamoDB::Table', Properties: { ...definition, ...changes } },
    });
    await createTables(template, engine.endpoint);
    return template.unread().map(({ path }) => path);
  };

  it('is read as far as it is run, also where it is there already', async () => {
    const capacity = 'GlobalSecondaryIndexes.ProvisionedThroughput';
    const notRun = [`${capacity}.ReadCapacityUnits`, `${capacity}.WriteCapacityUnits`];

    expect(await start()).toEqual(notRun);
    expect(await start()).toEqual(notRun);
  });

  it.each([
    [
      'other keys',
      { KeySchema: [{ AttributeName: 'sk', KeyType: 'HASH' }] },
      'its keys were (pk HASH) and again (pk HASH), and are now (sk HASH) and again (pk HASH)',
    ],
    [
      'other indexes',
      { GlobalSecondaryIndexes: undefined },
      'its keys were (pk HASH) and again (pk HASH), and are now (pk HASH)',
    ],
  ])('that was made with %s is told with what to do', async (_name, changes, difference) => {
    await start();

    await expect(start(changes)).rejects.toThrow(
      `The table pages was made by an earlier template: ${difference}. Move the whole data folder`,
    );
  });
});
