// What the engine of buckets and queues holds, for the page of facts.

import { sendToEngine } from '../../core/engine-call.ts';
import { textIn } from '../../core/http/xml-text.ts';
import type { Template } from '../../template/template.ts';

export type BucketHolding = {
  readonly objects: readonly { readonly key: string; readonly bytes: number; readonly modified: string }[];
  /** Whether there are more than are listed. */
  readonly has_more: boolean;
};
export type QueueHolding = { readonly ready: number; readonly in_flight: number; readonly delayed: number };

/** By name: of each bucket its first thousand keys. */
export async function bucketHoldings(
  template: Template,
  endpoint: string,
): Promise<Readonly<Record<string, BucketHolding>>> {
  const buckets = template.resources('AWS::S3::Bucket');
  return Object.fromEntries(
    await Promise.all(
      buckets.map(async ({ name }): Promise<[string, BucketHolding]> => {
        const { text } = await sendToEngine(endpoint, {
          ...get,
          path: `/${name}?list-type=2`,
          service: 's3',
        });
        const objects = [...text.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, xml = '']) => ({
          key: textIn(xml, 'Key'),
          bytes: Number(textIn(xml, 'Size')),
          modified: textIn(xml, 'LastModified'),
        }));
        return [name, { objects, has_more: textIn(text, 'IsTruncated') === 'true' }];
      }),
    ),
  );
}

type InspectedQueue = {
  readonly name: string;
  readonly approximateMessageCount: number;
  readonly approximateInflightCount: number;
  readonly approximateDelayedCount: number;
};

/** By name. */
export async function queueHoldings(endpoint: string): Promise<Readonly<Record<string, QueueHolding>>> {
  const { text } = await sendToEngine(endpoint, { ...get, path: '/_fauxqs/queues', service: 'sqs' });
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

const get = { method: 'GET', headers: {}, body: '' } as const;
