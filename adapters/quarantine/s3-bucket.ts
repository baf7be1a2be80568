// The calls to a bucket, and their client. Only s3-failed-records.ts imports this module, at its first call. It is
// separate so that the bundler can tree-shake the SDK: an SDK that is imported dynamically is bundled whole.

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
  usePathStyleWithEndpoint(client);
  return {
    put: (Key: string, Body: Uint8Array, ContentType?: string) =>
      client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType })),
    get: (Key: string) => client.send(new GetObjectCommand({ Bucket, Key })),
    remove: (Key: string) => client.send(new DeleteObjectCommand({ Bucket, Key })),
    page: (Prefix: string, ContinuationToken: string | undefined) =>
      client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken })),
  };
}

/**
 * Only S3 itself has a host name for each bucket. Other endpoints need the bucket in the path. The SDK may read the
 * endpoint from the environment, so whether there is one is only known when it resolves the endpoint of a call.
 */
function usePathStyleWithEndpoint({ config }: S3Client): void {
  const resolveEndpoint = config.endpointProvider;
  config.endpointProvider = (parameters, context) =>
    resolveEndpoint({ ...parameters, ForcePathStyle: parameters.Endpoint !== undefined }, context);
}
