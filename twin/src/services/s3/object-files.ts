// Keeps what buckets hold over a restart: a file for each object, a line of JSON with its key, headers and checksum, and
// then its body, and a list of the files that there have to be. The engine holds objects in memory; a write is on disk
// before it is answered, and restored at the next start.

import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { EngineRefused, sendToEngine } from '../../core/engine-call.ts';
import { textIn } from '../../core/http/xml-text.ts';
import { isJsonRecord } from '../../core/json-record.ts';
import { objectPath } from '../../core/proxy/own-calls.ts';
import { DamagedData } from '../../core/unusable-data.ts';
import type { ChangeListener } from './object-changes.ts';

type Headers = Readonly<Record<string, string>>;
export type ObjectContent = { readonly key: string; readonly headers: Headers; readonly body: Buffer };

const headerToKeep = /^(?:content-(?:type|encoding|language|disposition)|cache-control|x-amz-meta-.+)$/;
const unfinished = '.new';
const listFile = 'files';
const lineFeed = 0x0a;

/** Without a folder nothing is kept. */
export function createObjectFiles(folder: string | undefined): {
  readonly keepChange: ChangeListener;
  restore(endpoint: string, buckets: readonly string[], report: (problem: string) => void): Promise<void>;
} {
  return {
    keepChange: async ({ bucket, key }, { look }) => {
      if (folder === undefined) return;
      const file = join(folder, bucket, fileNameOf(key));
      const { status, headers, body } = await look();
      if (status === 200) await keep(file, { key, headers: headersToKeep(headers), body });
      else if (status === 404) await remove(file);
      // What is on disk stays, and the write fails.
      else throw new Error(`What became of ${bucket}/${key} cannot be seen: HTTP ${status}.`);
    },
    restore: async (endpoint, buckets, report) => {
      if (folder === undefined) return;
      for (const bucket of buckets) {
        const inBucket = join(folder, bucket);
        const listed = await listedIn(inBucket);
        const found: string[] = [];
        for await (const { file, ...object } of objectsIn(inBucket)) {
          const problem = await restoreObject(endpoint, bucket, object);
          if (problem !== undefined) throw new DamagedData(file, `${object.key}: ${problem}`);
          found.push(basename(file));
        }
        const lost = [...listed].find((name) => !found.includes(name));
        if (lost !== undefined) throw new DamagedData(join(inBucket, lost), 'it is gone');
        if (found.length > 0) await writeList(inBucket, found);
      }
      for (const name of await namesIn(folder))
        if (!buckets.includes(name))
          report(`${join(folder, name)} holds objects of a bucket that the template no longer has.`);
    },
  };
}

function fileNameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function headersToKeep(headers: Readonly<Record<string, string | string[]>>): Headers {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      headerToKeep.test(name) ? [[name, String(value)]] : [],
    ),
  );
}

/** Either the old or the new one whenever the process is killed; the caller has one change at a time. */
async function keep(file: string, { key, headers, body }: ObjectContent): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const line = Buffer.from(`${JSON.stringify({ key, headers, crc32: checksum(headers, body) })}\n`);
  await writeFile(`${file}${unfinished}`, Buffer.concat([line, body]));
  await rename(`${file}${unfinished}`, file);
  await appendFile(join(dirname(file), listFile), listLine('+', basename(file)));
}

async function remove(file: string): Promise<void> {
  // First, so that nothing is missed that was to go.
  await appendFile(join(dirname(file), listFile), listLine('-', basename(file)));
  await rm(file, { force: true });
}

function checksum(headers: Headers, body: Buffer): number {
  return crc32(body, crc32(JSON.stringify(headers)));
}

function listLine(sign: '+' | '-', name: string): string {
  return `${sign}${name} ${crc32(`${sign}${name}`)}\n`;
}

/** The files that there have to be. Lines that are damaged name none: those files are there. */
async function listedIn(folder: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(folder, listFile), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const listed = new Set<string>();
  for (const [line, sign, name = ''] of text.matchAll(/^([+-])(\w+) \d+\n/gm))
    if (sign === '+' && line === listLine('+', name)) listed.add(name);
    else if (sign === '-' && line === listLine('-', name)) listed.delete(name);
  return listed;
}

async function writeList(folder: string, names: readonly string[]): Promise<void> {
  const file = join(folder, listFile);
  await writeFile(`${file}${unfinished}`, names.map((name) => listLine('+', name)).join(''));
  await rename(`${file}${unfinished}`, file);
}

async function* objectsIn(folder: string): AsyncGenerator<ObjectContent & { readonly file: string }> {
  for (const name of await namesIn(folder)) {
    const file = join(folder, name);
    if (name === listFile) continue;
    if (name.endsWith(unfinished)) {
      // Left by a kill: its write was not acknowledged.
      await rm(file);
      continue;
    }
    const content = await readFile(file);
    const end = content.indexOf(lineFeed);
    const body = content.subarray(end + 1);
    const { key, headers, crc32: written } = headOf(file, content.subarray(0, end));
    if (fileNameOf(key) !== name || written !== checksum(headers, body))
      throw new DamagedData(file, 'it does not hold what was written');
    yield { file, key, headers, body };
  }
}

function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

function headOf(file: string, line: Buffer): Pick<ObjectContent, 'key' | 'headers'> & { crc32: unknown } {
  try {
    const head: unknown = JSON.parse(line.toString());
    if (isJsonRecord(head) && typeof head.key === 'string' && isJsonRecord(head.headers))
      return { key: head.key, headers: head.headers as Headers, crc32: head.crc32 };
  } catch {}
  throw new DamagedData(file, 'it does not begin with the key and headers of an object');
}

/** Above S3's least size of a part, and well below the engine's bound. */
const partBytes = 8 * 1024 * 1024;

/** Puts an object back into the engine, in parts where it is larger than the engine takes at once. */
async function restoreObject(
  endpoint: string,
  bucket: string,
  { key, headers, body }: ObjectContent,
): Promise<string | undefined> {
  const path = objectPath(bucket, key);
  const send = async (
    method: 'PUT' | 'POST',
    query: string,
    content: Buffer | string,
    more: Headers = {},
  ) => {
    const request = { method, path: `${path}${query}`, service: 's3', headers: more, body: content };
    const answer = await sendToEngine(endpoint, request);
    if (answer.status >= 300) throw new EngineRefused('restore', `HTTP ${answer.status}`, answer.text);
    return answer;
  };
  try {
    if (body.byteLength <= partBytes) await send('PUT', '', body, headers);
    else {
      const { text } = await send('POST', '?uploads', '', headers);
      const uploadId = encodeURIComponent(textIn(text, 'UploadId'));
      const parts: string[] = [];
      for (let from = 0; from < body.byteLength; from += partBytes) {
        const number = parts.length + 1;
        const part = body.subarray(from, from + partBytes);
        const { etag } = await send('PUT', `?partNumber=${number}&uploadId=${uploadId}`, part);
        parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`);
      }
      const list = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
      await send('POST', `?uploadId=${uploadId}`, list);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineRefused)) throw error;
    return error.message;
  }
}
