// Turns transient errors of CloudWatch into one that says so.

import { Unavailable } from '../../domain/system/unavailable.ts';
import { isTransient } from '../aws/transient-errors.ts';

export class CloudWatchUnavailable extends Unavailable {
  override readonly name = 'CloudWatchUnavailable';
}

export async function callCloudWatch<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (!isTransient(cause)) throw cause;
    throw new CloudWatchUnavailable(`${what} did not succeed (${(cause as Error).name})`, { cause });
  }
}
