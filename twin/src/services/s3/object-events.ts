// The event of a change to an object, in the form for functions, queues and topics and in that for EventBridge.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html

import { randomUUID } from 'node:crypto';
import { loopback } from '../../core/http/listen.ts';
import { twinAccount } from '../../template/pseudo-parameters.ts';
import type { ObjectChange } from './object-changes.ts';

export type ObjectEvent = ObjectChange & {
  readonly caller: string;
  readonly requestId: string;
  readonly timeMs: number;
  /** Hexadecimal, and greater than that of the change before. */
  readonly sequencer: string;
  /** A deleted object has none. */
  readonly content?: { readonly bytes: number; readonly etag: string };
};

const bucketArn = (name: string) => `arn:aws:s3:::${name}`;

/** As configurations name it, such as `s3:ObjectCreated:Put`. */
export function eventName({ kind }: Pick<ObjectChange, 'kind'>): string {
  return `s3:${kind === 'Delete' ? 'ObjectRemoved' : 'ObjectCreated'}:${kind}`;
}

export function notificationOf(event: ObjectEvent, configurationId: string) {
  const { bucket, key, caller, requestId, timeMs, sequencer, content } = event;
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: twinAccount.region,
        eventTime: new Date(timeMs).toISOString(),
        eventName: eventName(event).replace('s3:', ''),
        userIdentity: { principalId: `AWS:${caller}` },
        requestParameters: { sourceIPAddress: loopback },
        responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId,
          bucket: {
            name: bucket,
            ownerIdentity: { principalId: twinAccount.accountId },
            arn: bucketArn(bucket),
          },
          object: {
            key: formEncoded(key),
            ...(content && { size: content.bytes, eTag: content.etag }),
            sequencer,
          },
        },
      },
    ],
  };
}

const reasons: Readonly<Record<ObjectChange['kind'], string>> = {
  Put: 'PutObject',
  Copy: 'CopyObject',
  CompleteMultipartUpload: 'CompleteMultipartUpload',
  Delete: 'DeleteObject',
};

export function busEventOf({ bucket, key, kind, requestId, timeMs, sequencer, content }: ObjectEvent) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': kind === 'Delete' ? 'Object Deleted' : 'Object Created',
    source: 'aws.s3',
    account: twinAccount.accountId,
    time: new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: twinAccount.region,
    resources: [bucketArn(bucket)],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key,
        ...(content && { size: content.bytes, etag: content.etag }),
        sequencer: sequencer.toLowerCase(),
      },
      'request-id': requestId,
      requester: twinAccount.accountId,
      'source-ip-address': loopback,
      reason: reasons[kind],
      ...(kind === 'Delete' && { 'deletion-type': 'Permanently Deleted' }),
    },
  };
}

/** As a form encodes it, with + for a blank, except that slashes stay. */
function formEncoded(key: string): string {
  return new URLSearchParams({ key }).toString().slice('key='.length).replaceAll('%2F', '/');
}
