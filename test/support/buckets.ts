// A real S3 engine with one bucket, for contract suites.

import { FauxqsEngine, sendToEngine } from '@weir/twin/parts';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import type { BucketOptions } from '../../adapters/quarantine/s3-bucket.ts';

export type TestBuckets = { readonly options: BucketOptions; end(): Promise<void> };

export async function startBuckets(): Promise<TestBuckets> {
  const engine = new FauxqsEngine();
  await engine.start();
  const bucket = 'failed-records';
  const { status, text } = await sendToEngine(engine.endpoint, {
    method: 'PUT',
    path: `/${bucket}`,
    service: 's3',
    headers: {},
    body: '',
  });
  if (status !== 200) throw new Error(text);
  const connection = {
    endpoint: engine.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return { options: { bucket, timeouts: workTimeouts, connection }, end: () => engine.end() };
}
