// From a record that nobody can process to the function that hears of it: the mapping discards it to the bucket, and
// the bucket notifies.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { callEngine } from '../../../src/core/engine-call.ts';
import { KinesisEngine } from '../../../src/services/kinesis/engine.ts';
import { arnOf, bucket, type RunningTriggers, startTriggers } from '../../running-services.ts';

const engine = new KinesisEngine(undefined);
let triggers: RunningTriggers;

beforeEach(async () => {
  await engine.start();
  await callEngine(engine.endpoint, 'kinesis', 'CreateStream', { StreamName: 'events', ShardCount: 1 });
  triggers = await startTriggers(
    ['consume', 'settle'],
    {
      Stream: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'events' } },
      Failed: bucket({
        NotificationConfiguration: {
          LambdaConfigurations: [{ Event: 's3:ObjectCreated:*', Function: arnOf('settle') }],
        },
      }),
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: arnOf('Stream'),
          FunctionName: { Ref: 'consume' },
          StartingPosition: 'TRIM_HORIZON',
          BisectBatchOnFunctionError: true,
          MaximumRetryAttempts: 0,
          DestinationConfig: { OnFailure: { Destination: arnOf('Failed') } },
        },
      },
    },
    { destinations: { kinesis: { engine } } },
  );
});
afterEach(async () => {
  await triggers.end();
  await engine.end();
});

it('a record that is discarded is in the bucket whole, and the function of the bucket is told of it', async () => {
  triggers.make('consume', 'fail', 'poison');

  await callEngine(engine.endpoint, 'kinesis', 'PutRecord', {
    StreamName: 'events',
    PartitionKey: 'key',
    Data: Buffer.from('poison').toString('base64'),
  });

  const [notification] = (await triggers.hears('settle')).map(({ event }) => event as unknown);
  const { Records } = notification as {
    Records: { eventName: string; s3: { bucket: { name: string }; object: { key: string } } }[];
  };
  expect(Records).toMatchObject([{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'letters' } } }]);
  const key = decodeURIComponent(Records[0]?.s3.object.key ?? '');
  expect(key).toMatch(/^aws\/lambda\/Mapping\/shardId-000000000000\//);
  const object = await triggers.s3('GET', `/letters/${key}?x-id=GetObject`);
  const { payload } = JSON.parse(String(object.body)) as { payload: string };
  const event = JSON.parse(payload) as { Records: { kinesis: { data: string } }[] };
  expect(event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString())).toEqual([
    'poison',
  ]);
});
