// The key that Lambda gives a record in a bucket: by time, to the second, and no two the same. In a file of its own
// because stream mappings and asynchronous invocations both write such records.

import { randomUUID } from 'node:crypto';

export function recordKey(folder: string, nowMs: number): string {
  const [day = '', time = ''] = new Date(nowMs).toISOString().slice(0, 19).split('T');
  return `${folder}/${day.replaceAll('-', '/')}/${day}T${time.replaceAll(':', '.')}-${randomUUID()}`;
}
