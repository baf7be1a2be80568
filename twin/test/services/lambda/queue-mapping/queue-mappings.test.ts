import { afterEach, describe, expect, it } from 'vitest';
import {
  countThatFits,
  type QueueMessage,
} from '../../../../src/services/lambda/queue-mapping/queue-event.ts';
import { arnOf, queue, type RunningTriggers, startTriggers } from '../../../running-services.ts';
import { eventually } from '../../../support/eventually.ts';

let running: RunningTriggers | undefined;
afterEach(async () => {
  await running?.end();
  running = undefined;
});

const mapping = (properties: object = {}) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { EventSourceArn: arnOf('Queue'), FunctionName: { Ref: 'work' }, ...properties },
});
type Options = NonNullable<Parameters<typeof startTriggers>[2]>;
const start = async (
  properties: object = {},
  queueProperties: object = {},
  options: Options & { readonly resources?: Parameters<typeof startTriggers>[1] } = {},
) => {
  const resources = {
    Queue: queue('jobs', queueProperties),
    Mapping: mapping(properties),
    ...options.resources,
  };
  running = await startTriggers(['work'], resources, options);
  const { calls, heard } = running;
  const { QueueUrl } = await calls.json<{ QueueUrl: string }>('sqs', 'GetQueueUrl', { QueueName: 'jobs' });
  return {
    ...running,
    queueUrl: QueueUrl,
    put: (...bodies: string[]) =>
      calls.json('sqs', 'SendMessageBatch', {
        QueueUrl,
        Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
      }),
    /** How many are left: all, or only those that nobody received. */
    left: async (which: 'all' | 'unreceived' = 'all') => {
      const names = [
        'ApproximateNumberOfMessages',
        ...(which === 'all' ? ['ApproximateNumberOfMessagesNotVisible'] : []),
      ];
      const { Attributes } = await calls.json<{ Attributes: Record<string, string> }>(
        'sqs',
        'GetQueueAttributes',
        { QueueUrl, AttributeNames: names },
      );
      return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
    },
    batches: () => heard('work').map(recordsOf),
  };
};
type Message = { readonly body: string; readonly messageId: string; readonly attributes: object };
const recordsOf = ({ event }: { readonly event: unknown }) =>
  (event as { readonly Records: readonly Message[] }).Records;
const bodiesOf = (batches: readonly (readonly Message[])[]) =>
  batches.map((batch) => batch.map(({ body }) => body));

it('a function gets a message as Lambda tells it, and the queue is rid of it', async () => {
  const { calls, queueUrl, hears, left } = await start();

  await calls.json('sqs', 'SendMessage', {
    QueueUrl: queueUrl,
    MessageBody: 'hello',
    MessageAttributes: { kind: { DataType: 'String', StringValue: 'test' } },
  });

  const [first] = await hears('work');
  expect(first?.event).toEqual({
    Records: [
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.any(String),
        body: 'hello',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d+$/),
          SenderId: '000000000000',
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d+$/),
        },
        messageAttributes: {
          kind: { stringValue: 'test', stringListValues: [], binaryListValues: [], dataType: 'String' },
        },
        md5OfBody: '5d41402abc4b2a76b9719d911017c592',
        md5OfMessageAttributes: expect.any(String),
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:jobs',
        awsRegion: 'us-east-1',
      },
    ],
  });
  await eventually(
    () => left(),
    (count) => count === 0,
  );
});

it('a batch is as large as the mapping says', async () => {
  const { put, hears, batches } = await start({ BatchSize: 2, ScalingConfig: { MaximumConcurrency: 2 } });

  await put('a', 'b', 'c', 'd', 'e');

  await hears('work', 3);
  expect(
    batches()
      .map((batch) => batch.length)
      .toSorted(),
  ).toEqual([1, 2, 2]);
});

it('a window lasts no longer than the twin was told', async () => {
  const { put, hears, batches } = await start(
    { BatchSize: 12, MaximumBatchingWindowInSeconds: 300 },
    {},
    { longestWindowMs: 100 },
  );

  await put('a');

  await hears('work');
  expect(bodiesOf(batches())).toEqual([['a']]);
});

it('a window gathers what comes, until it ends by the clock of the twin or the batch is full', async () => {
  const { put, hears, heard, clock, batches, left } = await start({
    BatchSize: 12,
    MaximumBatchingWindowInSeconds: 300,
  });

  await put('a');
  await put('b');
  await eventually(
    () => left('unreceived'),
    (count) => count === 0,
  );
  clock.moveBy(290_000);
  // Long enough for a batch to be handed over, were the window over.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(heard('work')).toEqual([]);
  clock.moveBy(10_000);
  await hears('work');
  const first = bodiesOf(batches()).flat();
  await put(...Array.from({ length: 10 }, (_, index) => `c${index}`));
  await put('d0', 'd1');
  await hears('work', 2);

  expect(first.toSorted()).toEqual(['a', 'b']);
  expect(batches()[1]).toHaveLength(12);
});

it('messages of a batch that fails come back after the visibility timeout, all of them', async () => {
  const { put, make, unmake, tells, hears, left, batches } = await start({}, { VisibilityTimeout: 1 });
  make('work', 'fail', 'boom');

  await put('a', 'b');
  await tells('Mapping: 2 of 2 messages come back: work: TypeError: boom');
  unmake('work', 'fail');
  await hears('work', 2);

  await eventually(
    () => left(),
    (count) => count === 0,
  );
  const again = batches().slice(1).flat();
  expect(again.map(({ body }) => body).toSorted()).toEqual(['a', 'b']);
  expect(again.map(({ attributes }) => attributes)).toEqual([
    expect.objectContaining({ ApproximateReceiveCount: '2' }),
    expect.objectContaining({ ApproximateReceiveCount: '2' }),
  ]);
});

it('messages that the function names come back alone, where the mapping lets it name them', async () => {
  const { put, make, hears, batches, tells, left } = await start(
    { FunctionResponseTypes: ['ReportBatchItemFailures'] },
    { VisibilityTimeout: 1 },
  );
  make('work', 'wait');
  await put('good', 'bad', 'fine');
  const [batch = []] = (await hears('work')).map(recordsOf);
  const bad = batch.find(({ body }) => body === 'bad')?.messageId;
  make('work', 'answer', JSON.stringify({ batchItemFailures: [{ itemIdentifier: bad }] }));
  running?.unmake('work', 'wait');

  await tells('Mapping: 1 of 3 messages come back: 1 batch item failures');
  running?.make('work', 'answer', '{"batchItemFailures":[]}');
  await hears('work', 2);

  await eventually(
    () => left(),
    (count) => count === 0,
  );
  expect(bodiesOf(batches()).at(-1)).toEqual(['bad']);
});

it('a name that is of no message of the batch fails all of it', async () => {
  const { put, make, tells } = await start({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
  make('work', 'answer', '{"batchItemFailures":[{"itemIdentifier":"other"}]}');

  await put('a', 'b');

  await tells('2 of 2 messages come back: a batch item failure names no message of the batch');
});

it('what fails too often goes to the dead-letter queue', async () => {
  const { put, make, received } = await start(
    {},
    {
      VisibilityTimeout: 0,
      RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: 2 },
    },
    { resources: { Dead: queue('dead') } },
  );
  make('work', 'fail', 'boom');

  await put('poison');

  const messages = await eventually(
    () => received('dead'),
    ({ length }) => length > 0,
  );
  expect(messages.map(({ Body }) => Body)).toEqual(['poison']);
});

it('no more batches are with the function at once than the mapping allows', async () => {
  const { put, make, unmake, hears, functions } = await start({
    BatchSize: 1,
    ScalingConfig: { MaximumConcurrency: 2 },
  });
  make('work', 'wait');

  await put('a', 'b', 'c', 'd');
  await hears('work', 2);
  expect(functions.activity().work?.busy).toBe(2);
  unmake('work', 'wait');

  await hears('work', 4);
  expect(functions.activity().work?.environments).toBe(2);
});

it('faults of deliveries hold for queues too', async () => {
  let isStopped = true;
  const { put, hears, left } = await start(
    {},
    {},
    { faults: { isStopped: (label) => label === 'work' && isStopped, deliveries: () => 'twice' } },
  );

  await put('a');
  expect(await left('unreceived')).toBe(1);
  isStopped = false;

  await hears('work', 2);
  await eventually(
    () => left(),
    (count) => count === 0,
  );
});

it('a disabled mapping is read and takes nothing', async () => {
  const { put, received, template } = await start({ Enabled: false, BatchSize: 3 });

  await put('a');

  expect((await received('jobs')).map(({ Body }) => Body)).toEqual(['a']);
  expect(template.unread().filter(({ resource }) => resource.logicalId === 'Mapping')).toEqual([]);
});

it('counts what it polls, sends and deletes, if the template asks for it', async () => {
  const { put, hears, metrics } = await start({ MetricsConfig: { Metrics: ['EventCount'] } });
  await put('a');
  await hears('work');

  await eventually(
    async () => metrics.sums({ EventSourceMappingUUID: 'weir-test-Mapping' }),
    ({ PolledEventCount, InvokedEventCount, DeletedEventCount }) =>
      PolledEventCount === 1 && InvokedEventCount === 1 && DeletedEventCount === 1,
  );
});

it('URLs of queues lead functions to the proxy, from the template and from the engine', async () => {
  const { put, hears, proxy, queueUrl } = await start();

  await put('a');

  const [first] = await hears('work');
  expect(first?.queueUrl).toBe(`${proxy.url}/000000000000/jobs`);
  expect(queueUrl).toBe(`${proxy.url}/000000000000/jobs`);
  const { QueueUrls } = await (running as RunningTriggers).calls.json<{ QueueUrls: string[] }>(
    'sqs',
    'ListQueues',
    {},
  );
  expect(QueueUrls).toEqual([queueUrl]);
});

describe('a start is refused', () => {
  it.each<[string, object, string]>([
    [
      'where messages would be filtered',
      { FilterCriteria: { Filters: [{ Pattern: '{}' }] } },
      'FilterCriteria',
    ],
    ['without the function', { FunctionName: 'gone' }, 'Mapping: gone is no function of the template.'],
    [
      'without the queue',
      { EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:gone' },
      'gone is no queue of the template.',
    ],
  ])('%s', async (_name, properties, message) => {
    await expect(start(properties)).rejects.toThrow(message);
  });
});

it('a batch holds what fits into six megabytes, and at least one message', () => {
  const message = (bytes: number): QueueMessage => ({
    MessageId: 'id',
    ReceiptHandle: 'handle',
    Body: 'x'.repeat(bytes),
    MD5OfBody: 'md5',
  });
  const megabyte = 1024 * 1024;

  expect(countThatFits([message(1), message(1), message(1)], 2)).toBe(2);
  expect(
    countThatFits(
      Array.from({ length: 8 }, () => message(megabyte)),
      10,
    ),
  ).toBe(5);
  expect(countThatFits([message(7 * megabyte), message(1)], 10)).toBe(1);
});
