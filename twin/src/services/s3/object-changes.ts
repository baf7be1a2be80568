// Which objects a call to S3 changes, and a step of the proxy that passes each change to listeners, in order and before
// the call is answered: they see the object as the call left it.

import { signedHeaders } from '../../core/engine-call.ts';
import { unescapeXml } from '../../core/http/xml-text.ts';
import type { AwsAnswer, AwsCall, Step } from '../../core/proxy/aws-call.ts';
import { objectPath } from '../../core/proxy/own-calls.ts';

export type ObjectChange = {
  readonly bucket: string;
  readonly key: string;
  /** As S3's own events name it. */
  readonly kind: 'Put' | 'Copy' | 'CompleteMultipartUpload' | 'Delete';
};

export type ChangeContext = {
  readonly call: AwsCall;
  readonly answer: AwsAnswer;
  /** The object with its body, or a 404. */
  readonly look: () => Promise<AwsAnswer>;
};

export type ChangeListener = (change: ObjectChange, context: ChangeContext) => Promise<void>;

export function createObjectChanges(listeners: readonly ChangeListener[]): Step {
  // One at a time: another write must not come between this one and the look at it.
  let last: Promise<unknown> = Promise.resolve();
  return (call, next) => {
    const changes = changesBy(call);
    if (changes.length === 0) return next(call);
    const writing = last.then(async () => {
      const answer = await next(call);
      if (answer.status >= 300) return answer;
      for (const change of changes) {
        const look = once(() => next(toLookAt(change, call)));
        for (const listener of listeners) await listener(change, { call, answer, look });
      }
      return answer;
    });
    last = writing.catch(() => undefined);
    return writing;
  };
}

/** What it would change if it succeeded. */
function changesBy(call: AwsCall): readonly ObjectChange[] {
  if (call.service !== 's3') return [];
  const { pathname, searchParams: query } = new URL(call.url, 'http://local');
  const [, bucket = '', ...rest] = pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  const change = (kind: ObjectChange['kind']) => [{ bucket: decodeURIComponent(bucket), key, kind }];
  const isOfPart = subresources.some((name) => query.has(name));
  switch (`${call.method} ${key === '' ? 'bucket' : 'object'}`) {
    case 'PUT object':
      if (isOfPart || query.has('uploadId')) return [];
      return change(call.headers['x-amz-copy-source'] === undefined ? 'Put' : 'Copy');
    case 'POST object':
      return query.has('uploadId') ? change('CompleteMultipartUpload') : [];
    case 'DELETE object':
      return isOfPart || query.has('uploadId') ? [] : change('Delete');
    case 'POST bucket':
      return query.has('delete')
        ? keysIn(call.body).map((named) => ({ bucket, key: named, kind: 'Delete' }))
        : [];
    default:
      return [];
  }
}

/** These change something about an object that it has no event for here. */
const subresources = ['acl', 'legal-hold', 'renameObject', 'retention', 'tagging'];

function keysIn(body: Buffer): readonly string[] {
  return [...body.toString().matchAll(/<Key>([\s\S]*?)<\/Key>/g)].map(([, text = '']) => unescapeXml(text));
}

function toLookAt({ bucket, key }: ObjectChange, { caller }: AwsCall): AwsCall {
  return {
    caller,
    service: 's3',
    operation: 'GetObject',
    method: 'GET',
    url: objectPath(bucket, key),
    headers: signedHeaders('s3'),
    body: Buffer.alloc(0),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
