import { afterAll, beforeAll, expect, it } from 'vitest';
import { FauxqsEngine } from '../../../src/core/fauxqs-engine.ts';
import { createForwarder } from '../../../src/core/proxy/forward.ts';
import { createOwnCalls } from '../../../src/core/proxy/own-calls.ts';
import { createBuckets, readBucketContents } from '../../../src/services/s3/buckets.ts';
import { createTopics } from '../../../src/services/sns/sns.ts';
import { createQueues, readQueueContents } from '../../../src/services/sqs/queues.ts';
import { templateOf } from '../../fixture.ts';

const engine = new FauxqsEngine();
const forwarder = createForwarder();
const calls = createOwnCalls((call) => forwarder.forward(call, engine.endpoint), 'test');
const template = templateOf({
  Failed: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'failed' } },
  Empty: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'empty' } },
  Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'letters' } },
  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'page' } },
});
const bucketNames = ['failed', 'empty'];

beforeAll(async () => {
  await engine.start();
  await createBuckets(bucketNames, engine);
  await createTopics(template, engine);
  await createQueues(template, engine.endpoint);
});
afterAll(async () => {
  forwarder.end();
  await engine.end();
});

it('each bucket is listed by its keys, whatever is in them', async () => {
  const keys = ['a/b c+d', 'a/<&>"\'', 'a/ü'];
  for (const key of keys) await calls.putObject('failed', key, 'four');

  const { failed, empty } = await readBucketContents(bucketNames, engine.endpoint);

  expect(failed?.objects.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
  expect(failed?.objects.map(({ bytes }) => bytes)).toEqual([4, 4, 4]);
  expect(failed?.has_more).toBe(false);
  expect(Date.parse(failed?.objects[0]?.modified ?? '')).toBeGreaterThan(0);
  expect(empty).toEqual({ objects: [], has_more: false });
});

it('each queue tells how many messages it holds', async () => {
  const { QueueUrl } = await calls.json<{ QueueUrl: string }>('sqs', 'GetQueueUrl', { QueueName: 'letters' });
  await calls.json('sqs', 'SendMessage', { QueueUrl, MessageBody: 'one' });
  await calls.json('sqs', 'SendMessage', { QueueUrl, MessageBody: 'two' });
  await calls.json('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 1 });

  expect(await readQueueContents(engine.endpoint)).toEqual({
    letters: { ready: 1, in_flight: 1, delayed: 0 },
  });
});

it('a call that is refused is told by its code', async () => {
  await expect(calls.json('sqs', 'GetQueueUrl', { QueueName: 'nowhere' })).rejects.toMatchObject({
    name: 'EngineRefused',
    code: expect.stringContaining('QueueDoesNotExist'),
  });
  await expect(calls.putObject('nowhere', 'key', '')).rejects.toMatchObject({ code: 'HTTP 404' });
});
