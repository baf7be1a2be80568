import { afterEach, expect, it } from 'vitest';
import { arnOf, bucket, queue, type RunningTriggers, startTriggers, topic } from '../../running-services.ts';

let running: RunningTriggers | undefined;
afterEach(() => running?.end());

const start = async (...given: Parameters<typeof startTriggers>) => {
  running = await startTriggers(...given);
  return running;
};
type Record = {
  readonly eventName: string;
  readonly s3: {
    readonly configurationId: string;
    readonly object: { readonly key: string; readonly sequencer: string };
  };
};
const recordOf = ({ event }: { event: unknown }) => (event as { Records: [Record] }).Records[0];
const toFunction = (changes: object) => ({ Function: arnOf('replay'), ...changes });
const notifying = (...LambdaConfigurations: object[]) =>
  bucket({ NotificationConfiguration: { LambdaConfigurations } });
const created = toFunction({ Event: 's3:ObjectCreated:*' });
const removed = toFunction({ Event: 's3:ObjectRemoved:*' });

it('a function hears of an object as S3 tells it, with the key as in a form', async () => {
  const { calls, clock, hears } = await start(['replay'], { Letters: notifying(created) });
  clock.moveTo(Date.parse('2031-02-03T04:05:06Z'));

  await calls.putObject('letters', 'a/b c+ü.json', 'four');

  const [first] = await hears('replay');
  expect(first?.event).toEqual({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: expect.stringMatching(/^2031-02-03T04:05:\d\d\.\d{3}Z$/),
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'AWS:tester' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'Letters-function-0',
          bucket: {
            name: 'letters',
            ownerIdentity: { principalId: '000000000000' },
            arn: 'arn:aws:s3:::letters',
          },
          object: {
            key: 'a/b+c%2B%C3%BC.json',
            size: 4,
            // MD5 of the body.
            eTag: '8cbad96aced40b3838dd9f07f6ef5772',
            sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
          },
        },
      },
    ],
  });
});

it('each way to write or delete an object is told by its own name, in an order that can be seen', async () => {
  const { s3, hears } = await start(['replay'], { Letters: notifying(created, removed) });
  const named = (tag: string, xml: string) => new RegExp(`<${tag}>(.*?)</${tag}>`).exec(xml)?.[1] ?? '';

  await s3('PUT', '/letters/one?x-id=PutObject', { body: '1' });
  await s3('PUT', '/letters/two?x-id=CopyObject', { headers: { 'x-amz-copy-source': 'letters/one' } });
  const upload = named('UploadId', (await s3('POST', '/letters/three?uploads')).body.toString());
  const part = await s3('PUT', `/letters/three?uploadId=${upload}&partNumber=1`, { body: 'part' });
  const parts = `<Part><PartNumber>1</PartNumber><ETag>${String(part.headers.etag)}</ETag></Part>`;
  await s3('POST', `/letters/three?uploadId=${upload}`, {
    body: `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`,
  });
  await s3('DELETE', '/letters/one?x-id=DeleteObject');
  await s3('POST', '/letters?delete', {
    body: '<Delete><Object><Key>two</Key></Object><Object><Key>a&amp;b</Key></Object></Delete>',
  });

  const records = (await hears('replay', 6)).map(recordOf);
  const inOrder = records.toSorted((one, other) =>
    one.s3.object.sequencer < other.s3.object.sequencer ? -1 : 1,
  );
  expect(inOrder.map(({ eventName, s3: { object } }) => [eventName, object.key])).toEqual([
    ['ObjectCreated:Put', 'one'],
    ['ObjectCreated:Copy', 'two'],
    ['ObjectCreated:CompleteMultipartUpload', 'three'],
    ['ObjectRemoved:Delete', 'one'],
    ['ObjectRemoved:Delete', 'two'],
    ['ObjectRemoved:Delete', 'a%26b'],
  ]);
  expect(new Set(records.map(({ s3: { object } }) => object.sequencer)).size).toBe(6);
  expect(inOrder.map(({ s3: { object } }) => 'size' in object)).toEqual([
    ...[true, true, true],
    ...[false, false, false],
  ]);
});

it('nobody hears of what failed, of other events, or of keys that a filter leaves out', async () => {
  const Filter = {
    S3Key: {
      Rules: [
        { Name: 'prefix', Value: 'failed/' },
        { Name: 'suffix', Value: '.json' },
      ],
    },
  };
  const { s3, hears, heard } = await start(['replay'], {
    Letters: notifying({ ...created, Filter }),
    Other: bucket({ BucketName: 'other' }),
  });

  await s3('PUT', '/nowhere/failed/a.json');
  await s3('PUT', '/other/failed/a.json');
  for (const key of ['other/a.json', 'failed/a.txt', 'failed/wanted.json'])
    await s3('PUT', `/letters/${key}`, { body: '1' });
  await s3('DELETE', '/letters/failed/wanted.json');
  await s3('PUT', '/letters/failed/last.json', { body: '1' });

  await hears('replay', 2);
  const keys = heard('replay').map((each) => recordOf(each).s3.object.key);
  expect(keys.toSorted()).toEqual(['failed/last.json', 'failed/wanted.json']);
});

it('a queue and a topic hear the same, and by the topic its subscribers', async () => {
  const { calls, hears, received } = await start(['replay'], {
    Letters: bucket({
      NotificationConfiguration: {
        QueueConfigurations: [{ Event: 's3:ObjectCreated:Put', Queue: arnOf('Queue') }],
        TopicConfigurations: [{ Event: 's3:ObjectCreated:Put', Topic: { Ref: 'Page' } }],
      },
    }),
    Queue: queue('copies'),
    Page: topic('page', { Subscription: [{ Protocol: 'lambda', Endpoint: arnOf('replay') }] }),
  });

  await calls.putObject('letters', 'key', 'body');

  const [message] = await received('copies');
  const [byTopic] = await hears('replay');
  type TopicEvent = {
    readonly Records: [{ readonly Sns: { readonly Message: string; readonly Subject: string } }];
  };
  const [{ Sns }] = (byTopic as { readonly event: TopicEvent }).event.Records;
  expect(Sns.Subject).toBe('Amazon S3 Notification');
  const told = [message?.Body ?? '', Sns.Message].map((text) => recordOf({ event: JSON.parse(text) }));
  expect(told.map(({ eventName, s3 }) => [eventName, s3.object.key, s3.configurationId])).toEqual([
    ['ObjectCreated:Put', 'key', 'Letters-queue-0'],
    ['ObjectCreated:Put', 'key', 'Letters-topic-0'],
  ]);
});

it('what CDK has a custom resource say of a bucket is done, without the function that would say it', async () => {
  const { calls, hears, functions, template, reports } = await start(['replay'], {
    Letters: bucket(),
    LettersNotifications: {
      Type: 'Custom::S3BucketNotifications',
      Properties: {
        ServiceToken: arnOf('Handler'),
        BucketName: { Ref: 'Letters' },
        NotificationConfiguration: {
          LambdaFunctionConfigurations: [
            {
              Events: ['s3:ObjectCreated:*'],
              LambdaFunctionArn: arnOf('replay'),
              Filter: { Key: { FilterRules: [{ Name: 'suffix', Value: '.json' }] } },
            },
          ],
        },
        Managed: true,
        SkipDestinationValidation: false,
      },
    },
    Handler: {
      Type: 'AWS::Lambda::Function',
      Properties: { Code: { ZipFile: 'def handler' }, Handler: 'index.handler', Runtime: 'python3.13' },
    },
  });

  await calls.putObject('letters', 'a.txt', '');
  await calls.putObject('letters', 'a.json', '');

  expect((await hears('replay')).map((each) => recordOf(each).s3.object.key)).toEqual(['a.json']);
  expect(Object.keys(functions.activity())).toEqual(['replay']);
  expect(template.unread().filter(({ resource }) => resource.logicalId !== 'replay')).toEqual([]);
  expect(reports).toEqual([]);
});

it('an event that never happens here is told at the start', async () => {
  const { reports, calls, hears } = await start(['replay'], {
    Letters: notifying(toFunction({ Event: 's3:ObjectRestore:*' }), toFunction({ Event: 's3:*' }), created),
  });

  expect(reports).toEqual([
    'Letters-function-0: s3:ObjectRestore:* does not happen here: nothing is notified of it.',
    'Letters-function-1: s3:* does not happen here: nothing is notified of it.',
  ]);
  await calls.putObject('letters', 'a', 'a');
  const ids = (await hears('replay')).map((each) => recordOf(each).s3.configurationId);
  expect(ids).toEqual(['Letters-function-2']);
});

it('a start is refused where a notification would be lost', async () => {
  const gone = 'arn:aws:lambda:us-east-1:000000000000:function:gone';

  await expect(start([], { Letters: notifying({ ...created, Function: gone }) })).rejects.toThrow(
    `Letters: ${gone} is no function of the template.`,
  );
  running = undefined;
});
