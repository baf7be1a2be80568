import { afterEach, expect, it } from 'vitest';
import { arnOf, bucket, type RunningTriggers, startTriggers } from '../../running-services.ts';

let running: RunningTriggers | undefined;
afterEach(() => running?.end());

const rule = (properties: object) => ({
  Type: 'AWS::Events::Rule',
  Properties: { Targets: [{ Id: 'Target0', Arn: arnOf('replay') }], ...properties },
});
const onBus = bucket({
  NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
});
const pattern = (detail: object = {}, detailType = 'Object Created') => ({
  source: ['aws.s3'],
  'detail-type': [detailType],
  detail: { bucket: { name: [{ Ref: 'Letters' }] }, ...detail },
});
const start = async (resources: Parameters<typeof startTriggers>[1]) => {
  running = await startTriggers(['replay'], { Letters: onBus, ...resources });
  return running;
};
const keysOf = (all: readonly { event: unknown }[]) =>
  all.map(({ event }) => (event as { detail: { object: { key: string } } }).detail.object.key);

it('a rule hands its function the objects that its pattern is of, as S3 puts them on the bus', async () => {
  const { calls, clock, hears } = await start({
    Failed: rule({ EventPattern: pattern({ object: { key: [{ prefix: 'failed/' }] } }) }),
  });
  clock.moveTo(Date.parse('2031-02-03T04:05:06Z'));

  await calls.putObject('letters', 'other/a', 'a');
  await calls.putObject('letters', 'failed/a b', 'four');

  const [first] = await hears('replay');
  expect(first?.event).toEqual({
    version: '0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '000000000000',
    time: expect.stringMatching(/^2031-02-03T04:05:\d\dZ$/),
    region: 'us-east-1',
    resources: ['arn:aws:s3:::letters'],
    detail: {
      version: '0',
      bucket: { name: 'letters' },
      object: {
        key: 'failed/a b',
        size: 4,
        etag: '8cbad96aced40b3838dd9f07f6ef5772',
        sequencer: expect.stringMatching(/^[0-9a-f]{18}$/),
      },
      'request-id': expect.any(String),
      requester: '000000000000',
      'source-ip-address': '127.0.0.1',
      reason: 'PutObject',
    },
  });
});

it('a rule on deleted objects hears of those alone', async () => {
  const { s3, hears } = await start({ Deleted: rule({ EventPattern: pattern({}, 'Object Deleted') }) });

  await s3('PUT', '/letters/a', { body: 'a' });
  await s3('DELETE', '/letters/a');

  const [first] = await hears('replay');
  expect(first?.event).toMatchObject({
    'detail-type': 'Object Deleted',
    detail: { object: { key: 'a' }, reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' },
  });
});

it('nothing is put on the bus by a bucket that does not say so, and nothing comes of a disabled rule', async () => {
  const { s3, hears } = await start({
    Silent: bucket({
      BucketName: 'silent',
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: false } },
    }),
    Off: rule({ EventPattern: pattern(), State: 'DISABLED' }),
    All: rule({ EventPattern: { source: ['aws.s3'] } }),
  });

  await s3('PUT', '/silent/a', { body: 'a' });
  await s3('PUT', '/letters/b', { body: 'b' });
  await s3('PUT', '/letters/c', { body: 'c' });

  expect(keysOf(await hears('replay', 2)).toSorted()).toEqual(['b', 'c']);
});

it('a bucket is on the bus by a custom resource of CDK too, and a rule may have an input of its own', async () => {
  const { calls, hears } = await start({
    Letters: bucket(),
    LettersNotifications: {
      Type: 'Custom::S3BucketNotifications',
      Properties: {
        ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:handler',
        BucketName: { Ref: 'Letters' },
        NotificationConfiguration: { EventBridgeConfiguration: {} },
      },
    },
    Fixed: rule({
      EventPattern: pattern(),
      Targets: [{ Id: 'Target0', Arn: arnOf('replay'), Input: '{"go":1}' }],
    }),
  });

  await calls.putObject('letters', 'a', 'a');

  const [first] = await hears('replay');
  expect(first?.event).toEqual({ go: 1 });
});

it('a rule that would never call anybody, or would call wrongly, is told at the start and calls nothing', async () => {
  const { calls, reports, hears, heard } = await start({
    Wild: rule({ EventPattern: pattern({ object: { key: [{ wildcard: 'a*' }] } }) }),
    Foreign: rule({ EventPattern: { source: ['aws.ec2'] } }),
    Own: rule({ EventPattern: pattern(), EventBusName: 'own' }),
    Broken: rule({
      EventPattern: pattern(),
      Targets: [
        { Id: 'Text', Arn: arnOf('replay'), Input: '{' },
        { Id: 'Queue', Arn: 'arn:aws:sqs:us-east-1:000000000000:q' },
        { Id: 'Part', Arn: arnOf('replay'), InputPath: '$.detail' },
        { Id: 'Other', Arn: arnOf('replay'), InputTransformer: { InputTemplate: '{}' } },
      ],
    }),
    Last: rule({ EventPattern: pattern({ object: { key: ['z'] } }) }),
  });

  expect(reports).toEqual([
    'Wild: its pattern calls nothing: {"wildcard":"a*"} is not modelled.',
    'Foreign: no service of AWS but aws.s3 puts events on a bus here, so it calls nothing.',
    'Own: there is no bus own in the template, so it calls nothing.',
    expect.stringMatching(/^Broken: Text is not called: its input is no JSON \(.+\)\.$/),
    'Broken: Queue is not called: arn:aws:sqs:us-east-1:000000000000:q is no function.',
    'Broken: Part is not called: InputPath and InputTransformer are not modelled.',
    'Broken: Other is not called: InputPath and InputTransformer are not modelled.',
  ]);
  await calls.putObject('letters', 'a', 'a');
  await calls.putObject('letters', 'z', 'z');
  await hears('replay');
  expect(keysOf(heard('replay'))).toEqual(['z']);
});
