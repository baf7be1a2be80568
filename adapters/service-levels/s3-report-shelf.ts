// The bucket of reports in S3. Objects say what they are, so that a browser shows them.

import type { ReportShelf } from '../../domain/service-levels/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { isTransient } from '../aws/transient-errors.ts';
import { type BucketOptions, openBucket } from '../quarantine/s3-bucket.ts';

export class ReportShelfUnavailable extends Unavailable {
  override readonly name = 'ReportShelfUnavailable';
}

export class S3ReportShelf implements ReportShelf {
  readonly #bucket: ReturnType<typeof openBucket>;
  readonly #name: string;

  constructor(options: BucketOptions) {
    this.#bucket = openBucket(options);
    this.#name = options.bucket;
  }

  async put(name: string, text: string): Promise<void> {
    try {
      await this.#bucket.put(name, Buffer.from(text), contentTypeOf(name));
    } catch (cause) {
      if (!isTransient(cause)) throw cause;
      throw new ReportShelfUnavailable(`PutObject did not succeed (${(cause as Error).name})`, { cause });
    }
  }

  addressOf(name: string): string {
    return `s3://${this.#name}/${name}`;
  }
}

const contentTypeOf = (name: string): string =>
  `${name.endsWith('.html') ? 'text/html' : 'text/plain'}; charset=utf-8`;
