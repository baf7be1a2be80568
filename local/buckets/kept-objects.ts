// Keeps what buckets hold over a restart: a file for each object, a line of JSON with its key and headers, and then
// its body. The engine keeps it in memory; what was answered for here is on disk, and put back at the next start.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signedHeaders } from '../engines/engine-call.ts';
import { isJsonRecord } from '../json-record.ts';
import { UnreadableData } from '../kept-data.ts';
import { createForwarder } from '../proxy/forward.ts';
import { type ChangeListener, objectPath } from './object-changes.ts';

type Headers = Readonly<Record<string, string>>;
type Kept = { readonly key: string; readonly headers: Headers; readonly body: Buffer };

const keptHeader = /^(?:content-(?:type|encoding|language|disposition)|cache-control|x-amz-meta-.+)$/;
const unfinished = '.new';
const lineFeed = 0x0a;

/** Of no folder nothing is kept. */
export function createKeptObjects(folder: string | undefined): {
  readonly hear: ChangeListener;
  restore(endpoint: string, buckets: readonly string[]): Promise<void>;
} {
  return {
    hear: async ({ bucket, key }, { look }) => {
      if (folder === undefined) return;
      const file = join(folder, bucket, createHash('sha256').update(key).digest('hex'));
      const { status, headers, body } = await look();
      if (status === 200) await keep(file, { key, headers: headersToKeep(headers), body });
      else await rm(file, { force: true });
    },
    restore: async (endpoint, buckets) => {
      if (folder === undefined) return;
      const forwarder = createForwarder();
      for (const bucket of buckets)
        for await (const { key, headers, body } of keptIn(join(folder, bucket))) {
          const url = objectPath(bucket, key);
          const request = { method: 'PUT', url, headers: { ...signedHeaders('s3'), ...headers }, body };
          const { status } = await forwarder.forward(request, endpoint);
          if (status >= 300) throw new UnreadableData(join(folder, bucket), `${key}: HTTP ${status}`);
        }
      forwarder.end();
    },
  };
}

function headersToKeep(headers: Readonly<Record<string, string | string[]>>): Headers {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      keptHeader.test(name) ? [[name, String(value)]] : [],
    ),
  );
}

/** Either the old or the new one whenever the process is killed; the caller has one change at a time. */
async function keep(file: string, { key, headers, body }: Kept): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  const line = Buffer.from(`${JSON.stringify({ key, headers })}\n`);
  await writeFile(`${file}${unfinished}`, Buffer.concat([line, body]));
  await rename(`${file}${unfinished}`, file);
}

async function* keptIn(folder: string): AsyncGenerator<Kept> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    if (name.endsWith(unfinished)) continue;
    const content = await readFile(join(folder, name));
    const end = content.indexOf(lineFeed);
    yield { ...headOf(join(folder, name), content.subarray(0, end)), body: content.subarray(end + 1) };
  }
}

function headOf(file: string, line: Buffer): Pick<Kept, 'key' | 'headers'> {
  try {
    const head: unknown = JSON.parse(line.toString());
    if (isJsonRecord(head) && typeof head.key === 'string' && isJsonRecord(head.headers))
      return { key: head.key, headers: head.headers as Headers };
  } catch {}
  throw new UnreadableData(file, 'it does not begin with the key and headers of an object');
}
