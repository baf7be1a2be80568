// Makes the template's queues in the engine of buckets, topics and queues: empty at each start, as it is.

import { callEngine } from '../../core/engine-call.ts';
import type { Resource, Template } from '../../template/template.ts';

/** Those that the engine knows; a template's others are not read, and so told at the start. */
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
