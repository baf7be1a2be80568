import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClock } from '../../../../src/core/clock.ts';
import { FunctionFailed } from '../../../../src/core/invocation.ts';
import { AsyncInvocations } from '../../../../src/services/lambda/async/async-invocations.ts';
import { pauseBeforeNextMs } from '../../../../src/services/lambda/async/retry-pause.ts';
import type { FunctionActivity } from '../../../../src/services/lambda/deployed-function.ts';
import { functionArn, noMetrics, templateOf } from '../../../fixture.ts';
import {
  arnOf,
  bucket,
  queue,
  type RunningTriggers,
  startTriggers,
  topic,
} from '../../../running-services.ts';
import { eventually } from '../../../support/eventually.ts';

let running: RunningTriggers | undefined;
afterEach(async () => {
  await running?.end();
  running = undefined;
});

const start = async (...given: Parameters<typeof startTriggers>) => {
  running = await startTriggers(...given);
  return running;
};
/** What reaches the function `work` is what is published here. */
const page = topic('page', { Subscription: [{ Protocol: 'lambda', Endpoint: arnOf('work') }] });
const pageArn = 'arn:aws:sns:us-east-1:000000000000:page';
const config = (properties: object) => ({
  Type: 'AWS::Lambda::EventInvokeConfig',
  Properties: { FunctionName: { Ref: 'work' }, Qualifier: '$LATEST', ...properties },
});
const destinations = (onFailure: unknown, onSuccess?: unknown) => ({
  DestinationConfig: {
    OnFailure: { Destination: onFailure },
    ...(onSuccess !== undefined && { OnSuccess: { Destination: onSuccess } }),
  },
});
const minuteMs = 60_000;
/** For what ought not to happen to happen, were it wrong. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 60));

it('what a function fails is tried again after one minute and after two more, as the same request', async () => {
  const { publish, clock, make, hears, heard, tells } = await start(['work'], { Page: page });
  make('work', 'fail', 'boom');

  await publish(pageArn, 'hello');
  await tells('work: TypeError: boom (tried again in 60 s)');
  clock.moveBy(minuteMs - 10_000);
  await aMoment();
  expect(heard('work')).toHaveLength(1);
  clock.moveBy(10_000);
  await hears('work', 2);
  await tells('work: TypeError: boom (tried again in 120 s)');
  clock.moveBy(2 * minuteMs);

  await tells('work: an event is discarded (RetriesExhausted) and goes to nowhere: there is no destination');
  expect(new Set(heard('work').map(({ awsRequestId }) => awsRequestId)).size).toBe(1);
  expect(heard('work')).toHaveLength(3);
});

it('a destination hears of success and failure what Lambda tells of them', async () => {
  const { publish, clock, make, unmake, tells, hears, received } = await start(['work', 'after'], {
    Page: page,
    Ended: queue('ended'),
    Config: config({ MaximumRetryAttempts: 1, ...destinations(arnOf('Ended'), arnOf('after')) }),
  });
  make('work', 'fail', 'boom');
  await publish(pageArn, 'bad');
  await tells('tried again in 60 s');
  clock.moveBy(minuteMs);

  const [message] = await received('ended');
  unmake('work', 'fail');
  make('work', 'answer', '{"fine":true}');
  await publish(pageArn, 'good');
  const [success] = await hears('after');

  const record = JSON.parse(message?.Body ?? '');
  expect(record).toEqual({
    version: '1.0',
    timestamp: expect.stringMatching(/Z$/),
    requestContext: {
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:weir-dev-work:$LATEST',
      condition: 'RetriesExhausted',
      approximateInvokeCount: 2,
    },
    requestPayload: { Records: [expect.objectContaining({ EventSource: 'aws:sns' })] },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'TypeError', errorMessage: 'boom', trace: expect.any(Array) },
  });
  expect(success?.event).toMatchObject({
    requestContext: { condition: 'Success', approximateInvokeCount: 1 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST' },
    responsePayload: { fine: true },
  });
});

it('a bucket gets the record of a failure under a key of its own, and tells of it', async () => {
  const { publish, clock, make, hears } = await start(['work', 'replay'], {
    Page: page,
    Letters: bucket({
      NotificationConfiguration: {
        LambdaConfigurations: [{ Event: 's3:ObjectCreated:*', Function: arnOf('replay') }],
      },
    }),
    Config: config({ MaximumRetryAttempts: 0, ...destinations(arnOf('Letters')) }),
  });
  clock.moveTo(Date.parse('2031-02-03T04:05:06Z'));
  make('work', 'fail', 'boom');

  await publish(pageArn, 'bad');

  const [first] = await hears('replay');
  expect(JSON.stringify(first?.event)).toMatch(
    /"aws\/lambda\/async\/weir-dev-work\/2031\/02\/03\/2031-02-03T04\.05\.\d\d-[0-9a-f-]{36}"/,
  );
});

it('a dead-letter queue gets the bare event, and how it failed as attributes', async () => {
  const { publish, clock, make, hears, tells, received } = await start(
    ['work'],
    { Page: page, Dead: queue('dead') },
    { functionProperties: { DeadLetterConfig: { TargetArn: arnOf('Dead') } } },
  );
  make('work', 'fail', 'boom');
  await publish(pageArn, 'bad');
  await tells('tried again in 60 s');
  clock.moveBy(minuteMs);
  await tells('tried again in 120 s');
  clock.moveBy(2 * minuteMs);

  const [message] = await received('dead');
  const [first] = await hears('work');
  expect(JSON.parse(message?.Body ?? '')).toEqual(first?.event);
  expect(message).toMatchObject({
    MessageAttributes: {
      RequestID: { DataType: 'String', StringValue: first?.awsRequestId },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
      ErrorMessage: { DataType: 'String', StringValue: 'boom' },
    },
  });
});

it('what finds no environment free is tried again with growing pauses, until it is too old', async () => {
  const { publish, clock, make, unmake, hears, tells, reports, heard, received, functions } = await start(
    ['work'],
    {
      Page: page,
      Ended: queue('ended'),
      Config: config({ MaximumEventAgeInSeconds: 60, ...destinations(arnOf('Ended')) }),
    },
    { functionProperties: { ReservedConcurrentExecutions: 1 } },
  );
  const activity = (enough: (seen: FunctionActivity) => boolean) =>
    eventually(async () => functions.activity().work as FunctionActivity, enough);
  make('work', 'wait');
  await publish(pageArn, 'in the way');
  await hears('work');

  await publish(pageArn, 'throttled');
  await tells('no environment is free, of 1. (tried again in 1 s)');
  clock.moveBy(1000);
  await activity(({ throttles }) => throttles === 2);
  unmake('work', 'wait');
  await activity(({ busy }) => busy === 0);
  clock.moveBy(1000);
  await aMoment();
  expect(heard('work')).toHaveLength(1);
  clock.moveBy(1000);
  await hears('work', 2);
  await activity(({ busy }) => busy === 0);
  make('work', 'wait');
  await publish(pageArn, 'in the way');
  await hears('work', 3);
  await publish(pageArn, 'too old');
  for (let second = 0; second < 58; second += 10) clock.moveBy(10_000);

  await tells('an event is discarded (EventAgeExceeded)');
  unmake('work', 'wait');
  const [message] = await received('ended');
  const record = JSON.parse(message?.Body ?? '');
  expect(record).toMatchObject({
    requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 },
    requestPayload: { Records: [{ Sns: { Message: 'too old' } }] },
  });
  expect(record).not.toHaveProperty('responseContext');
  expect(reports.filter((line) => line.includes('no environment'))).toHaveLength(2);
});

it('what waits for a try is not tried after the end, and nothing is taken any more', async () => {
  const clock = createClock();
  const reports: string[] = [];
  const failure = { errorType: 'Error', errorMessage: 'boom\nin two lines', trace: [] };
  const invoke = vi.fn(() => Promise.reject(new FunctionFailed('work', failure)));
  const invocations = new AsyncInvocations({
    template: templateOf({}),
    functions: { invoke },
    send: () => Promise.reject(new Error('nobody')),
    clock,
    metrics: noMetrics,
    report: (problem) => reports.push(problem),
  });
  await invocations.start();
  invocations.invoke('work', {});
  await vi.waitFor(() => expect(reports).toEqual(['work: Error: boom in two lines (tried again in 60 s)']));
  clock.moveBy(minuteMs);
  await vi.waitFor(() => expect(invoke).toHaveBeenCalledTimes(2));
  await vi.waitFor(() => expect(reports).toHaveLength(2));

  await invocations.end();
  invocations.invoke('work', {});
  clock.moveBy(2 * minuteMs);
  await new Promise<void>((resolve) => clock.after(0, resolve));

  expect(invoke).toHaveBeenCalledTimes(2);
});

it('a start is refused where a rule calls a function that is not there', async () => {
  const rule = {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: { source: ['aws.s3'] },
      Targets: [{ Id: 'Target0', Arn: functionArn('gone') }],
    },
  };

  await expect(startTriggers([], { Rule: rule })).rejects.toThrow(
    `Rule: ${functionArn('gone')} is no function of the template.`,
  );
});

it('a destination that cannot be reached is told, and nothing else stops', async () => {
  const { publish, make, unmake, s3, tells, hears } = await start(['work'], {
    Page: page,
    Letters: bucket(),
    Config: config({ MaximumRetryAttempts: 0, ...destinations(arnOf('Letters')) }),
  });
  await s3('DELETE', '/letters');
  make('work', 'fail', 'boom');

  await publish(pageArn, 'bad');

  await tells('arn:aws:s3:::letters cannot be written, and a record is lost: PutObject: HTTP 404');
  unmake('work', 'fail');
  await publish(pageArn, 'good');
  await hears('work', 2);
});

describe('a start is refused', () => {
  const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
  it.each<[string, object, string]>([
    [
      'where a record would go to a bus',
      destinations(bus),
      `Config: ${bus} is no function, queue, topic, bucket`,
    ],
    [
      'where successes would go to a bucket',
      destinations(arnOf('Ordered'), arnOf('Letters')),
      'Config: arn:aws:s3:::letters is no function, queue, topic of the template.',
    ],
    [
      'where a record would go to a queue that keeps order',
      destinations(arnOf('Ordered')),
      'ordered.fifo keeps order: Lambda sends nothing there.',
    ],
  ])('%s', async (_name, properties, message) => {
    const resources = {
      Letters: bucket(),
      Ordered: queue('ordered.fifo', { FifoQueue: true }),
      Config: config(properties),
    };

    await expect(start(['work'], resources)).rejects.toThrow(message);
  });
});

it('pauses after throttles double from one second to five minutes, whatever failed before', () => {
  const pauses = [1, 2, 3, 9, 10, 50].map((throttles) =>
    pauseBeforeNextMs('throttled', { failures: 2, throttles }, 0),
  );

  expect(pauses).toEqual([1000, 2000, 4000, 256_000, 300_000, 300_000]);
});

it('measures events as they come, as they are dropped, and what cannot be delivered', async () => {
  const { publish, clock, make, hears, tells, metrics } = await start(['work'], {
    Page: page,
    Failed: queue('failed'),
    Config: config({
      MaximumRetryAttempts: 0,
      ...destinations('arn:aws:sqs:us-east-1:000000000000:failed'),
    }),
  });
  make('work', 'fail', 'boom');
  await publish(pageArn, 'hello');
  await hears('work');
  await tells('RetriesExhausted');
  clock.moveBy(minuteMs);

  const measured = () => metrics.sums({ FunctionName: 'weir-dev-work' });
  await eventually(
    async () => measured(),
    ({ AsyncEventsDropped }) => AsyncEventsDropped === 1,
  );
  expect(measured()).toMatchObject({ AsyncEventsReceived: 1, Invocations: 1, Errors: 1 });
  expect(measured()).not.toHaveProperty('DestinationDeliveryFailures');
});
