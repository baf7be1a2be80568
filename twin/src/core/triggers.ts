// What calls functions without waiting for them: rules, topics, buckets and queues of the template, each of which may
// set off another. Of the proxy's steps these come last: they hear of what took effect.

import { join } from 'node:path';
import type { DeliveryFaults } from '../faults/delivery-faults.ts';
import { EventRules } from '../services/eventbridge/event-rules.ts';
import { Schedules } from '../services/eventbridge/schedules.ts';
import { AsyncInvocations, type AsyncInvoker } from '../services/lambda/async/async-invocations.ts';
import type { Invoker } from '../services/lambda/functions.ts';
import { QueueMappings } from '../services/lambda/queue-mapping/queue-mappings.ts';
import { Notifications } from '../services/s3/notifications.ts';
import { createObjectChanges } from '../services/s3/object-changes.ts';
import { createKeptObjects } from '../services/s3/object-files.ts';
import { Subscriptions } from '../services/sns/subscriptions.ts';
import type { Template } from '../template/template.ts';
import type { Clock } from './clock.ts';
import type { Next, Step } from './proxy/aws-call.ts';
import { createQueueUrls } from './proxy/queue-urls.ts';
import type { Service } from './start-in-phases.ts';

export type TriggersOptions = {
  readonly template: () => Template;
  readonly functions: Invoker;
  readonly faults: DeliveryFaults;
  readonly clock: Clock;
  /** Through the proxy. */
  readonly send: Next;
  readonly proxyUrl: () => string;
  /** Of the engine of buckets, topics and queues. */
  readonly endpoint: () => string;
  /** Where buckets are kept; absent: nowhere. */
  readonly dataFolder: string | undefined;
  readonly report: (problem: string) => void;
};

export type Triggers = {
  readonly steps: readonly Step[];
  /** For whom they call to be there before whoever sets them off. */
  readonly receivers: readonly Service[];
  readonly sources: readonly Service[];
  /** For who calls a function directly without waiting for it. */
  readonly invocations: AsyncInvoker;
  readonly queueMappings: QueueMappings['state'];
  /** Once the engine has the buckets: what they held at the last end. */
  restoreObjects(): Promise<void>;
};

export function createTriggers(options: TriggersOptions): Triggers {
  const { template, endpoint, dataFolder } = options;
  const invocations = new AsyncInvocations(options);
  const bus = new EventRules({ ...options, invocations });
  const notifications = new Notifications({ ...options, invocations, bus });
  const subscriptions = new Subscriptions({ ...options, invocations });
  const queueMappings = new QueueMappings(options);
  const keptObjects = createKeptObjects(dataFolder && join(dataFolder, 'buckets'));
  return {
    steps: [
      createQueueUrls(options.proxyUrl),
      createObjectChanges([keptObjects.hear, notifications.hear]),
      subscriptions.step,
    ],
    receivers: [invocations, bus, notifications, subscriptions],
    sources: [queueMappings, new Schedules({ ...options, invocations })],
    invocations,
    queueMappings: queueMappings.state,
    restoreObjects: () =>
      keptObjects.restore(
        endpoint(),
        template()
          .resources('AWS::S3::Bucket')
          .map(({ name }) => name),
        options.report,
      ),
  };
}
