// Makes the template's queues in the engine, empty at each start, and reads what they hold.

import { callEngine, sendToEngine } from '../../core/engine-call.ts';
import type { Resource, Template } from '../../template/template.ts';

/** Those that the engine knows. Others are not read, and so reported at the start. */
const attributes = [
  'ContentBasedDeduplication',
  'DelaySeconds',
  'FifoQueue',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
] as const;

export async function createQueues(template: Template, endpoint: string): Promise<void> {
  for (const queue of template.resources('AWS::SQS::Queue'))
    await callEngine(endpoint, 'sqs', 'CreateQueue', {
      QueueName: queue.name,
      Attributes: readAttributes(queue),
    });
}

function readAttributes({ properties }: Resource): Readonly<Record<string, string>> {
  return Object.fromEntries(
    attributes.flatMap((name) => {
      const value = properties[name];
      if (value === undefined) return [];
      return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );
}

export type QueueContents = { readonly ready: number; readonly in_flight: number; readonly delayed: number };

type InspectedQueue = {
  readonly name: string;
  readonly approximateMessageCount: number;
  readonly approximateInflightCount: number;
  readonly approximateDelayedCount: number;
};

/** By name. */
export async function readQueueContents(endpoint: string): Promise<Readonly<Record<string, QueueContents>>> {
  const { text } = await sendToEngine(endpoint, {
    method: 'GET',
    path: '/_fauxqs/queues',
    service: 'sqs',
    headers: {},
    body: '',
  });
  return Object.fromEntries(
    (JSON.parse(text) as readonly InspectedQueue[]).map((queue) => [
      queue.name,
      {
        ready: queue.approximateMessageCount,
        in_flight: queue.approximateInflightCount,
        delayed: queue.approximateDelayedCount,
      },
    ]),
  );
}
