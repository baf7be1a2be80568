// The failed-records bucket in S3. It is rarely needed and its client is slow to set up, so both are left to the
// first call: at the start of a function, the code of the client is read with the bundle and not run.

import type { FailedRecords } from '../../domain/quarantine/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { isTransient } from '../aws/transient-errors.ts';
import type { Bucket, BucketOptions } from './s3-bucket.ts';

export class BucketUnavailable extends Unavailable {
  override readonly name = 'BucketUnavailable';
}

export class S3FailedRecords implements FailedRecords {
  readonly #options: BucketOptions;
  #opened: Promise<Bucket> | undefined;

  constructor(options: BucketOptions) {
    this.#options = options;
  }

  async put(name: string, data: Uint8Array): Promise<void> {
    const bucket = await this.#open();
    await callBucket('PutObject', () => bucket.put(name, data));
  }

  /**
   * Without the permission to list the bucket, S3 answers 403 for a missing object, which is BucketUnavailable here.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
   */
  async get(name: string): Promise<Uint8Array | undefined> {
    const bucket = await this.#open();
    try {
      const { Body } = await callBucket('GetObject', () => bucket.get(name));
      return await readBody(Body);
    } catch (error) {
      if (error instanceof BucketUnavailable && isMissing(error.cause)) return undefined;
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    const bucket = await this.#open();
    await callBucket('DeleteObject', () => bucket.remove(name));
  }

  async *list(prefix: string): AsyncGenerator<{ name: string; bytes: number; storedAtMs: number }> {
    const bucket = await this.#open();
    let next: string | undefined;
    do {
      const page = await callBucket('ListObjectsV2', () => bucket.page(prefix, next));
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? [])
        yield { name: Key, bytes: Size, storedAtMs: Number(LastModified) };
      next = page.NextContinuationToken;
    } while (next !== undefined);
  }

  #open(): Promise<Bucket> {
    this.#opened ??= import('./s3-bucket.ts').then(({ openBucket }) => openBucket(this.#options));
    return this.#opened;
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && error.name === 'NoSuchKey';

async function callBucket<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (!isTransient(cause)) throw cause;
    throw new BucketUnavailable(`${what} did not succeed (${(cause as Error).name})`, { cause });
  }
}

type Body = { transformToByteArray(): Promise<Uint8Array> } | undefined;

/** A body that breaks off, or has another checksum than the stored object, may arrive whole at the next try. */
async function readBody(body: Body): Promise<Uint8Array> {
  try {
    return (await body?.transformToByteArray()) ?? new Uint8Array();
  } catch (cause) {
    throw new BucketUnavailable('GetObject returned an incomplete or damaged body', { cause });
  }
}
