import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AwsCall } from '../../../src/core/proxy/aws-call.ts';
import { createObjectFiles } from '../../../src/services/s3/object-files.ts';
import { bucket, type RunningTriggers, startTriggers } from '../../running-services.ts';

let dataFolder: string;
let running: RunningTriggers | undefined;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'weir-kept-'));
});
afterEach(async () => {
  await end();
  rmSync(dataFolder, { recursive: true });
});

const start = async (options: Parameters<typeof startTriggers>[2] = { dataFolder }) => {
  await end();
  running = await startTriggers([], { Letters: bucket() }, options);
  return running;
};
const end = async () => {
  await running?.end();
  running = undefined;
};
const files = () => readdirSync(join(dataFolder, 'buckets', 'letters')).filter((name) => name !== 'files');

it('an object is there after a restart as it was last written, with its headers', async () => {
  const first = await start();
  const key = '/letters/a/%C3%BC%20b+c';
  await first.s3('PUT', key, { body: 'old' });
  await first.s3('PUT', key, {
    body: 'line\nand ü',
    headers: { 'content-type': 'text/plain', 'content-encoding': 'none', 'x-amz-meta-origin': 'here' },
  });

  const second = await start();

  const { status, headers, body } = await second.s3('GET', key);
  expect([status, body.toString()]).toEqual([200, 'line\nand ü']);
  expect(headers).toMatchObject({
    'content-type': 'text/plain',
    'content-encoding': 'none',
    'x-amz-meta-origin': 'here',
  });
});

it('an object that was deleted stays away, and a copy is there as its original is', async () => {
  const first = await start();
  for (const key of ['gone', 'also-gone', 'stays']) await first.s3('PUT', `/letters/${key}`, { body: key });
  await first.s3('DELETE', '/letters/gone');
  await first.s3('POST', '/letters?delete', {
    body: '<Delete><Object><Key>also-gone</Key></Object></Delete>',
  });
  await first.s3('PUT', '/letters/copy', { headers: { 'x-amz-copy-source': '/letters/stays' } });

  const second = await start();

  const statuses = ['gone', 'also-gone', 'stays', 'copy'].map(
    async (key) => (await second.s3('GET', `/letters/${key}`)).status,
  );
  expect(await Promise.all(statuses)).toEqual([404, 404, 200, 200]);
});

it('writes to one object at the same time leave the one that is kept that the bucket holds', async () => {
  const first = await start();
  const bodies = Array.from({ length: 20 }, (_, index) => `body ${index}`);
  await Promise.all(bodies.map((body) => first.s3('PUT', '/letters/one', { body })));
  const held = (await first.s3('GET', '/letters/one')).body.toString();

  const second = await start();

  expect((await second.s3('GET', '/letters/one')).body.toString()).toBe(held);
  expect(files()).toHaveLength(1);
});

it('an object larger than the engine takes at once is put back whole', async () => {
  const first = await start();
  const part = Buffer.alloc(6 * 1024 * 1024, 'ab');
  const created = await first.s3('POST', '/letters/large?uploads', {
    headers: { 'content-type': 'text/plain' },
  });
  const uploadId = /<UploadId>(.*)<\/UploadId>/.exec(String(created.body))?.[1];
  const etags = [];
  for (const number of [1, 2]) {
    const { headers } = await first.s3('PUT', `/letters/large?partNumber=${number}&uploadId=${uploadId}`, {
      body: part.toString(),
    });
    etags.push(`<Part><PartNumber>${number}</PartNumber><ETag>${headers.etag}</ETag></Part>`);
  }
  const body = `<CompleteMultipartUpload>${etags.join('')}</CompleteMultipartUpload>`;
  expect((await first.s3('POST', `/letters/large?uploadId=${uploadId}`, { body })).status).toBe(200);

  const second = await start();

  const { status, headers, body: restored } = await second.s3('GET', '/letters/large');
  expect([status, headers['content-type']]).toEqual([200, 'text/plain']);
  expect(restored.equals(Buffer.concat([part, part]))).toBe(true);
});

it('an acknowledged object stays on disk where nobody can see what became of a later write', async () => {
  const change = { bucket: 'letters', key: 'one', kind: 'Put' } as const;
  const { keepChange } = createObjectFiles(join(dataFolder, 'buckets'));
  const looking = (status: number, body: string) => {
    const answer = { status, headers: {}, body: Buffer.from(body) };
    return { call: {} as AwsCall, answer, look: async () => answer };
  };
  await keepChange(change, looking(200, 'acknowledged'));

  await expect(keepChange(change, looking(503, ''))).rejects.toThrow('cannot be seen: HTTP 503');

  const second = await start();
  expect((await second.s3('GET', '/letters/one')).body.toString()).toBe('acknowledged');
});

it('objects of a bucket that the template no longer has are told of, and left', async () => {
  const first = await start();
  await first.s3('PUT', '/letters/one', { body: 'one' });
  await end();

  running = await startTriggers([], {}, { dataFolder });

  expect(running.reports).toEqual([
    expect.stringMatching(/letters holds objects of a bucket that the template/),
  ]);
  expect(files()).toHaveLength(1);
});

it('what a kill left half written is passed over, and what is no object is told with what to do', async () => {
  const first = await start();
  await first.s3('PUT', '/letters/one', { body: 'one' });
  const [file = ''] = files();
  writeFileSync(join(dataFolder, 'buckets', 'letters', `${file}.new`), '{"ke');
  expect((await (await start()).s3('GET', '/letters/one')).status).toBe(200);
  await end();

  writeFileSync(join(dataFolder, 'buckets', 'letters', 'other'), 'no line of JSON');

  await expect(start()).rejects.toThrow(/other is damaged .+ Move the whole data folder/s);
});

it('nothing is kept without a folder', async () => {
  const first = await start({});
  await first.s3('PUT', '/letters/one', { body: 'one' });

  const second = await start({});

  expect((await second.s3('GET', '/letters/one')).status).toBe(404);
});
