// Keeps what buckets hold over a restart: a file for each object, a line of JSON with its key and headers, and then
// its body. The engine keeps it in memory; what was answered for here is on disk, and put back at the next start.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonRecord } from '../../core/json-record.ts';
import { UnreadableData } from '../../core/unusable-data.ts';
import type { ChangeListener } from './object-changes.ts';
import { restoreObject } from './restore-object.ts';

type Headers = Readonly<Record<string, string>>;
export type Kept = { readonly key: string; readonly headers: Headers; readonly body: Buffer };

const keptHeader = /^(?:content-(?:type|encoding|language|disposition)|cache-control|x-amz-meta-.+)$/;
const unfinished = '.new';
const lineFeed = 0x0a;

/** Of no folder nothing is kept. */
export function createKeptObjects(folder: string | undefined): {
  readonly hear: ChangeListener;
  restore(endpoint: string, buckets: readonly string[], report: (problem: string) => void): Promise<void>;
} {
  return {
    hear: async ({ bucket, key }, { look }) => {
      if (folder === undefined) return;
      const file = join(folder, bucket, createHash('sha256').update(key).digest('hex'));
      const { status, headers, body } = await look();
      if (status === 200) await keep(file, { key, headers: headersToKeep(headers), body });
      else if (status === 404) await rm(file, { force: true });
      // What is on disk stays, and the writer hears that it failed.
      else throw new Error(`What became of ${bucket}/${key} cannot be seen: HTTP ${status}.`);
    },
    restore: async (endpoint, buckets, report) => {
      if (folder === undefined) return;
      for (const bucket of buckets)
        for await (const { file, ...object } of keptIn(join(folder, bucket))) {
          const problem = await restoreObject(endpoint, bucket, object);
          if (problem !== undefined) throw new UnreadableData(file, `${object.key}: ${problem}`);
        }
      for (const name of await namesIn(folder))
        if (!buckets.includes(name))
          report(`${join(folder, name)} holds objects of a bucket that the template no longer has.`);
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

async function* keptIn(folder: string): AsyncGenerator<Kept & { readonly file: string }> {
  for (const name of await namesIn(folder)) {
    const file = join(folder, name);
    if (name.endsWith(unfinished)) {
      // Left by a kill: nobody was told of it.
      await rm(file);
      continue;
    }
    const content = await readFile(file);
    const end = content.indexOf(lineFeed);
    yield { file, ...headOf(file, content.subarray(0, end)), body: content.subarray(end + 1) };
  }
}

function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

function headOf(file: string, line: Buffer): Pick<Kept, 'key' | 'headers'> {
  try {
    const head: unknown = JSON.parse(line.toString());
    if (isJsonRecord(head) && typeof head.key === 'string' && isJsonRecord(head.headers))
      return { key: head.key, headers: head.headers as Headers };
  } catch {}
  throw new UnreadableData(file, 'it does not begin with the key and headers of an object');
}
