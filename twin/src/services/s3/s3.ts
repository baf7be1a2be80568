// S3: the buckets of the template in the engine, what they hold on disk, and notifications of what changes in them.

import { join } from 'node:path';
import type { Engine } from '../../core/engine-call.ts';
import type { AsyncInvoker } from '../../core/invocation.ts';
import { once, type Service, type ServiceContext } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { type BucketContents, createBuckets, readBucketContents } from './buckets.ts';
import { Notifications, type NotificationsOptions } from './notifications.ts';
import { createObjectChanges } from './object-changes.ts';
import { createObjectFiles } from './object-files.ts';

export type S3Context = Pick<ServiceContext, 'clock' | 'dataFolder' | 'proxy' | 'report'> & {
  readonly engine: Engine;
  readonly invocations: AsyncInvoker;
  readonly putEvent: NotificationsOptions['putEvent'];
};

export type S3 = Service & { state(): Promise<Readonly<Record<string, BucketContents>>> };

export function createS3(template: Template, context: S3Context): S3 {
  const { engine, dataFolder, proxy, report } = context;
  const objectFiles = createObjectFiles(dataFolder && join(dataFolder, 'buckets'));
  const notifications = new Notifications({ template, ...context, send: proxy.send });
  const bucketNames = template.resources('AWS::S3::Bucket').map(({ name }) => name);
  return {
    name: 's3',
    destination: { engine },
    // A change is on disk before anybody is notified of it.
    steps: [createObjectChanges([objectFiles.keepChange, notifications.notifyOf])],
    phases: {
      resources: [
        once('the buckets', async () => {
          await createBuckets(bucketNames, engine);
          await objectFiles.restore(engine.endpoint, bucketNames, report);
        }),
      ],
      receivers: [notifications],
    },
    state: () => readBucketContents(bucketNames, engine.endpoint),
  };
}
