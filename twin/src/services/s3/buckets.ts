// Makes the template's buckets in the engine, and reads what they hold.

import { type Engine, sendToEngine } from '../../core/engine-call.ts';
import { sendOrFail } from '../../core/fauxqs-engine.ts';
import { textIn } from '../../core/http/xml-text.ts';

export type BucketContents = {
  readonly objects: readonly { readonly key: string; readonly bytes: number; readonly modified: string }[];
  /** Whether there are more than are listed. */
  readonly has_more: boolean;
};

export async function createBuckets(bucketNames: readonly string[], engine: Engine): Promise<void> {
  for (const name of bucketNames)
    await sendOrFail(engine, `CreateBucket ${name}`, {
      method: 'PUT',
      path: `/${name}`,
      service: 's3',
      headers: {},
      body: '',
    });
}

/** By name: of each bucket its first thousand keys. */
export async function readBucketContents(
  bucketNames: readonly string[],
  endpoint: string,
): Promise<Readonly<Record<string, BucketContents>>> {
  return Object.fromEntries(
    await Promise.all(
      bucketNames.map(async (name): Promise<[string, BucketContents]> => {
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

const get = { method: 'GET', headers: {}, body: '' } as const;
