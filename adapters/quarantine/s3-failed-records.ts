// The bucket of failed records. Trouble is rare and the client of S3 is heavy, so it is set up at the first call: at a
// function's start its code is read with the rest of the bundle, and not run.

import type { FailedRecords } from '../../domain/quarantine/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { mayPass } from '../aws/transient-errors.ts';
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
    await calling('PutObject', () => bucket.put(name, data));
  }

  /**
   * To who may not list the bucket, S3 says of what is missing that it is forbidden, and that is unavailable here.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
   */
  async get(name: string): Promise<Uint8Array | undefined> {
    const bucket = await this.#open();
    try {
      const { Body } = await calling('GetObject', () => bucket.get(name));
      return await wholeOf(Body);
    } catch (error) {
      if (error instanceof BucketUnavailable && isMissing(error.cause)) return undefined;
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    const bucket = await this.#open();
    await calling('DeleteObject', () => bucket.remove(name));
  }

  async *list(prefix: string): AsyncGenerator<{ name: string; bytes: number; storedAtMs: number }> {
    const bucket = await this.#open();
    let next: string | undefined;
    do {
      const page = await calling('ListObjectsV2', () => bucket.page(prefix, next));
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

async function calling<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (!mayPass(cause)) throw cause;
    throw new BucketUnavailable(`${what} did not succeed (${(cause as Error).name})`, { cause });
  }
}

type Body = { transformToByteArray(): Promise<Uint8Array> } | undefined;

/** What breaks off, or arrives with another checksum than it was stored with, may come whole the next time. */
async function wholeOf(body: Body): Promise<Uint8Array> {
  try {
    return (await body?.transformToByteArray()) ?? new Uint8Array();
  } catch (cause) {
    throw new BucketUnavailable('GetObject did not bring all of it', { cause });
  }
}
