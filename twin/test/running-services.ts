// The triggers of a small template on real functions and the real engine, behind a real proxy. Each function writes
// down what it hears; a file beside that makes it fail, answer or wait.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '../src/core/clock.ts';
import { signedHeaders } from '../src/core/engine-call.ts';
import { FauxqsEngine } from '../src/core/fauxqs-engine.ts';
import { Marks } from '../src/core/marks.ts';
import type { AwsAnswer, Destination } from '../src/core/proxy/aws-call.ts';
import { AwsProxy } from '../src/core/proxy/aws-proxy.ts';
import { createCallers, identify } from '../src/core/proxy/identify.ts';
import { createMessenger } from '../src/core/proxy/messenger.ts';
import { createOwnCalls } from '../src/core/proxy/own-calls.ts';
import type { Service, ServiceContext } from '../src/core/service.ts';
import { startInPhases } from '../src/core/start-in-phases.ts';
import type { DeliveryFaults } from '../src/faults/delivery-faults.ts';
import { AwsSeries } from '../src/services/cloudwatch/aws-series.ts';
import { createCloudWatch } from '../src/services/cloudwatch/cloudwatch.ts';
import { MetricStore } from '../src/services/cloudwatch/store/metric-store.ts';
import { createEventBridge } from '../src/services/eventbridge/eventbridge.ts';
import { createLambda } from '../src/services/lambda/lambda.ts';
import { createS3 } from '../src/services/s3/s3.ts';
import { createSns } from '../src/services/sns/sns.ts';
import { createSqs } from '../src/services/sqs/sqs.ts';
import type { StackTemplate } from '../src/template/assembly.ts';
import { keptMetrics, templateOf } from './fixture.ts';
import { eventually } from './support/eventually.ts';

const code = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
export const handler = async (event, { awsRequestId }) => {
  const file = process.env.FILE;
  appendFileSync(file, JSON.stringify({ event, awsRequestId, queueUrl: process.env.QUEUE_URL }) + '\\n');
  while (existsSync(file + '.wait')) await new Promise((resolve) => setTimeout(resolve, 5));
  if (existsSync(file + '.fail')) throw new TypeError(readFileSync(file + '.fail', 'utf8'));
  return existsSync(file + '.answer') ? JSON.parse(readFileSync(file + '.answer', 'utf8')) : 'done';
};`;

type Heard = { readonly event: never; readonly awsRequestId: string; readonly queueUrl?: string };
type Resources = StackTemplate['Resources'];

export type RunningTriggers = Awaited<ReturnType<typeof startTriggers>>;

export const bucket = (properties: object = {}) => ({
  Type: 'AWS::S3::Bucket',
  Properties: { BucketName: 'letters', ...properties },
});
export const queue = (QueueName: string, properties: object = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName, ...properties },
});
export const topic = (TopicName: string, properties: object = {}) => ({
  Type: 'AWS::SNS::Topic',
  Properties: { TopicName, ...properties },
});
export const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

/** The functions are named by their labels; `functionProperties` are of all of them. */
export async function startTriggers(
  labels: readonly string[],
  resources: Resources,
  {
    functionProperties = {},
    dataFolder,
    faults = {},
    destinations = {},
    longestWindowMs,
  }: {
    readonly functionProperties?: object;
    readonly dataFolder?: string;
    readonly faults?: Partial<DeliveryFaults>;
    readonly longestWindowMs?: number;
    /** Beside S3, SNS and SQS. */
    readonly destinations?: Readonly<Record<string, Destination>>;
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'weir-triggers-'));
  writeFileSync(join(folder, 'index.mjs'), code);
  const functionOf = (label: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: `weir-dev-${label}`,
      Code: { S3Bucket: 'assets', S3Key: 'hash.zip' },
      Handler: 'index.handler',
      Timeout: 60,
      Environment: {
        Variables: {
          FILE: join(folder, label),
          ...('Queue' in resources && { QUEUE_URL: { Ref: 'Queue' } }),
        },
      },
      ...functionProperties,
    },
  });
  const functionResources = Object.fromEntries(labels.map((label) => [label, functionOf(label)]));
  const template = templateOf({ ...functionResources, ...resources }, {}, { 'hash.zip': folder });
  const reports: string[] = [];
  const report = (problem: string) => reports.push(problem);
  const engine = new FauxqsEngine();
  const clock = createClock();
  const callers = createCallers();
  const proxy = new AwsProxy({ callers, report });
  const metrics = keptMetrics();
  const context: ServiceContext = {
    metrics: metrics.sink,
    ...{ clock, proxy, report, dataFolder, onLoss: report, marks: new Marks(undefined) },
    outages: { failed: () => undefined, succeeded: () => undefined },
    faults: { isStopped: () => false, deliveries: () => 'once', ...faults },
    logFolder: join(folder, 'logs'),
  };
  const lambda = createLambda(template, {
    ...{ ...context, callers, longestWindowMs },
    holdsRecord: async () => true,
  });
  const { functions, invocations } = lambda;
  const { putEvent, events, ...eventBridge } = createEventBridge(template, { ...context, invocations });
  const cloudWatch = createCloudWatch(template, {
    ...{
      ...context,
      functionLabels: functions.labels,
      store: new MetricStore(),
      aws: new AwsSeries(),
      putEvent,
    },
  });
  const services: readonly Service[] = [
    lambda,
    eventBridge,
    cloudWatch,
    createSqs(template, { ...context, engine }),
    createS3(template, { ...context, engine, invocations, putEvent }),
    createSns(template, { ...context, engine, invocations }),
  ];
  const destination = { engine };
  proxy.connect({
    steps: services.flatMap(({ steps = [] }) => steps),
    destinations: {
      ...(eventBridge.destination && { events: eventBridge.destination }),
      ...(cloudWatch.destination && { monitoring: cloudWatch.destination }),
      s3: destination,
      sns: destination,
      sqs: destination,
      ...destinations,
    },
  });
  const end = await startInPhases([
    { engines: [engine], proxy: [proxy] },
    ...services.map(({ phases = {} }) => phases),
  ]).catch((error: unknown) => {
    rmSync(folder, { recursive: true });
    throw error;
  });
  const calls = createOwnCalls((call) => proxy.send(call), 'tester');
  const heard = (label: string): readonly Heard[] =>
    existsSync(join(folder, label))
      ? readFileSync(join(folder, label), 'utf8')
          .split('\n')
          // The last one has not been written to its end, or is nothing.
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Heard)
      : [];
  const received = async (QueueName: string) => {
    const { QueueUrl } = await calls.json<{ QueueUrl: string }>('sqs', 'GetQueueUrl', { QueueName });
    type Messages = { readonly Messages?: readonly { readonly Body: string }[] };
    const input = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'], WaitTimeSeconds: 5 };
    return (await calls.json<Messages>('sqs', 'ReceiveMessage', input)).Messages ?? [];
  };
  return {
    template,
    clock,
    metrics,
    reports,
    calls,
    events,
    proxy,
    functions,
    alarms: cloudWatch.alarms,
    publish: (topicArn: string, body: string) => createMessenger(calls).toTopic(topicArn, { body }),
    heard,
    /** Until the function was called so often. */
    hears: (label: string, times = 1) =>
      eventually(
        async () => heard(label),
        (all) => all.length >= times,
      ),
    /** Until one such line was told. */
    tells: (part: string) =>
      eventually(
        async () => reports,
        (all) => all.some((line) => line.includes(part)),
      ),
    make: (label: string, what: 'fail' | 'answer' | 'wait', text = '') =>
      writeFileSync(join(folder, `${label}.${what}`), text),
    unmake: (label: string, what: 'fail' | 'answer' | 'wait') =>
      rmSync(join(folder, `${label}.${what}`), { force: true }),
    /** Messages that wait in a queue, or that come within five seconds. */
    received,
    s3: (method: string, url: string, more: { body?: string; headers?: Record<string, string> } = {}) =>
      proxy.send(
        identify(
          {
            method,
            url,
            headers: { ...signedHeaders('s3'), ...more.headers },
            body: Buffer.from(more.body ?? ''),
          },
          callers,
        ),
      ) as Promise<AwsAnswer>,
    end: async () => {
      await end();
      rmSync(folder, { recursive: true });
    },
  };
}
