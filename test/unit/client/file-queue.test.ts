import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileQueue } from '../../../client/src/file-queue.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-file-queue-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const batch = (key: string, createdAtMs = 1) => ({ key, createdAtMs, events: ['{"type":"ä"}'] });

it('another process finds what was put, the oldest first, and not what was removed', async () => {
  const queue = fileQueue(join(folder, 'made', 'if-missing'));
  for (const each of [batch('b', 10), batch('a', 9), batch('c', 11)]) await queue.put(each);
  await queue.remove(batch('c', 11));

  expect(await fileQueue(join(folder, 'made', 'if-missing')).load()).toEqual([batch('a', 9), batch('b', 10)]);
});

it('what a crash left half written is not a batch', async () => {
  const queue = fileQueue(folder);
  await queue.put(batch('whole'));
  writeFileSync(join(folder, '000000000000001-torn.batch.json.1.tmp'), '{"key":"torn","ev');

  expect(await queue.load()).toEqual([batch('whole')]);
});

it('a whole whose two halves are there is gone', async () => {
  const queue = fileQueue(folder);
  for (const key of ['k', 'k.0', 'k.1', 'other', 'other.0']) await queue.put(batch(key));

  expect((await queue.load()).map(({ key }) => key).toSorted()).toEqual([
    ...['k.0', 'k.1', 'other', 'other.0'],
  ]);
  expect(readdirSync(folder)).toHaveLength(4);
});

it('removing twice is no error', async () => {
  const queue = fileQueue(folder);
  await queue.put(batch('a'));
  await queue.remove(batch('a'));
  await queue.remove(batch('a'));

  expect(await queue.load()).toEqual([]);
});

it('a folder that cannot be made is an error of each call', async () => {
  writeFileSync(join(folder, 'file'), '');
  const queue = fileQueue(join(folder, 'file', 'below'));

  await expect(queue.load()).rejects.toThrow();
  await expect(queue.put(batch('a'))).rejects.toThrow();
});
