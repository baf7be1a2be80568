// The calls to a bucket and the client that makes them. Only failed-records.ts loads it, at its first call. A module of
// its own, because of one that is imported by name a bundle takes what is used, and of the whole SDK all of it.

import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';

export type BucketOptions = {
  readonly bucket: string;
  readonly timeouts: Timeouts;
  readonly connection?: Connection;
};

export type Bucket = ReturnType<typeof openBucket>;

export function openBucket({ bucket: Bucket, timeouts, connection }: BucketOptions) {
  const client = new S3Client({ ...clientOptions(timeouts), ...connection });
  putBucketsIntoPathsElsewhere(client);
  return {
    put: (Key: string, Body: Uint8Array) => client.send(new PutObjectCommand({ Bucket, Key, Body })),
    get: (Key: string) => client.send(new GetObjectCommand({ Bucket, Key })),
    remove: (Key: string) => client.send(new DeleteObjectCommand({ Bucket, Key })),
    page: (Prefix: string, ContinuationToken: string | undefined) =>
      client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken })),
  };
}

/**
 * Only S3 itself has a host name for each bucket. Whether calls go elsewhere the SDK reads from the environment, so it
 * is known when it asks where to.
 */
function putBucketsIntoPathsElsewhere({ config }: S3Client): void {
  const whereTo = config.endpointProvider;
  config.endpointProvider = (parameters, context) =>
    whereTo({ ...parameters, ForcePathStyle: parameters.Endpoint !== undefined }, context);
}
