import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { mockClient } from 'aws-sdk-client-mock';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { workTimeouts } from '../../../../adapters/aws/client-options.ts';
import { BucketUnavailable, S3FailedRecords } from '../../../../adapters/quarantine/s3-failed-records.ts';
import { bundling } from '../../../../lib/function/bundle.ts';

const options = { bucket: 'failed-records', timeouts: workTimeouts };
const refusal = (name: string) => Object.assign(new Error(name), { name, $metadata: {} });

describe('calls', () => {
  let client: ReturnType<typeof mockClient>;
  beforeEach(() => {
    client = mockClient(S3Client);
  });
  afterEach(() => client.restore());
  const records = () => new S3FailedRecords(options);

  it('list page after page, to the last', async () => {
    const page = (Key: string) => ({ Contents: [{ Key, Size: 1, LastModified: new Date(7) }] });
    client
      .on(ListObjectsV2Command)
      .resolvesOnce({ ...page('a/1'), NextContinuationToken: 'next' })
      .resolvesOnce({ Contents: [], NextContinuationToken: 'last' })
      .resolves(page('a/2'));

    const listed = await Array.fromAsync(records().list('a/'));

    expect(listed).toEqual(['a/1', 'a/2'].map((name) => ({ name, bytes: 1, storedAtMs: 7 })));
    const asked = client.commandCalls(ListObjectsV2Command).map((call) => call.args[0].input);
    expect(asked.map(({ ContinuationToken }) => ContinuationToken)).toEqual([undefined, 'next', 'last']);
  });

  it.each([
    'AccessDenied',
    'SlowDown',
    'InternalError',
    'NoSuchBucket',
    'ServiceUnavailable',
    'TimeoutError',
  ])(
    'take %s for a transient error, of a read too: it does not mean that the object is missing',
    async (name) => {
      client.rejects(refusal(name));

      await expect(records().get('a')).rejects.toThrow(BucketUnavailable);
      await expect(records().put('a', new Uint8Array(1))).rejects.toThrow(BucketUnavailable);
      await expect(Array.fromAsync(records().list('a'))).rejects.toThrow(BucketUnavailable);
    },
  );

  it('return undefined for a missing object, but not for a missing bucket', async () => {
    client.rejects(refusal('NoSuchKey'));

    expect(await records().get('a')).toBeUndefined();
    await expect(records().put('a', new Uint8Array(1))).rejects.toThrow(BucketUnavailable);
  });

  it.each(['KeyTooLongError', 'EntityTooLarge', 'InvalidArgument', 'InvalidBucketName'])(
    'throw %s as a bug, not as a transient error',
    async (name) => {
      client.on(PutObjectCommand).rejects(refusal(name));

      await expect(records().put('a', new Uint8Array(1))).rejects.toMatchObject({ name });
    },
  );

  it('throw a JavaScript error as it is: a retry would not help', async () => {
    client.rejects(new TypeError('undefined is not a function'));

    await expect(records().put('a', new Uint8Array(1))).rejects.toThrow(TypeError);
  });

  it.each([
    ['breaks off', new Error('aborted')],
    ['arrives with a wrong checksum', new Error('Checksum mismatch: expected "a" but received "b"')],
  ])('take a body that %s for a transient error', async (_, cause) => {
    const transformToByteArray = async () => {
      throw cause;
    };
    client.on(GetObjectCommand).resolves({ Body: { transformToByteArray } as never });

    await expect(records().get('a')).rejects.toMatchObject({ name: 'BucketUnavailable', cause });
  });
});

describe('the host and path of a call', () => {
  const elsewhere = 'http://emulator.local:4566';
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it.each<[string, string, { endpoint?: string }, NodeJS.ProcessEnv]>([
    ['no endpoint: a host for the bucket', 'failed-records.s3.us-east-1.amazonaws.com/a', {}, {}],
    ['an endpoint in the options', 'emulator.local/failed-records/a', { endpoint: elsewhere }, {}],
    [
      'an endpoint in the environment',
      'emulator.local/failed-records/a',
      {},
      { AWS_ENDPOINT_URL: elsewhere },
    ],
    ['an endpoint only for S3', 'emulator.local/failed-records/a', {}, { AWS_ENDPOINT_URL_S3: elsewhere }],
  ])('%s: %s', async (_, expected, connection, environment) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const asked: string[] = [];
    vi.spyOn(NodeHttpHandler.prototype, 'handle').mockImplementation(async ({ hostname, path }) => {
      asked.push(`${hostname}${path.split('?')[0]}`);
      throw refusal('NoSuchKey');
    });
    const records = new S3FailedRecords({ ...options, connection: { region: 'us-east-1', ...connection } });

    expect(await records.get('a')).toBeUndefined();

    expect(asked).toEqual([expected]);
  });
});

it('no code of the S3 client runs before the first call', () => {
  const { metafile } = buildSync({
    ...bundling,
    entryPoints: [join(import.meta.dirname, '../../../../adapters/quarantine/s3-failed-records.ts')],
    write: false,
    metafile: true,
  });
  const loaded = new Set<string>();
  const load = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind } of metafile.inputs[path]?.imports ?? [])
      if (kind !== 'dynamic-import') load(next);
  };
  load('adapters/quarantine/s3-failed-records.ts');
  const ofS3 = (path: string) => path.includes('@aws-sdk/client-s3');

  expect(Object.keys(metafile.inputs).filter(ofS3)).not.toEqual([]);
  expect([...loaded].filter(ofS3)).toEqual([]);
});
