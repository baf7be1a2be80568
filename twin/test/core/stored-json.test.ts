import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { StoredJson } from '../../src/core/stored-json.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-stored-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'value.json');
const stored = <T>(initial: T) => new StoredJson<T>(initial, file, { isBare: true });

it('holds what was replaced last, also for whoever opens the file anew', async () => {
  const value = stored({ keys: [1] });
  await Promise.all([value.replace({ keys: [2] }), value.replace({ keys: [3] })]);
  const again = stored({ keys: [0] });
  await again.load();

  expect([value.value, again.value]).toEqual([{ keys: [3] }, { keys: [3] }]);
});

it.each([
  ['null', {}],
  ['[]', {}],
  ['{}', []],
  ['{"keys":[]}', { keys: [], planKeys: [] }],
  ['{"keys":{}}', { keys: [] }],
  ['{', {}],
])('does not take %s for something like %j', async (text, initial) => {
  writeFileSync(file, text);

  await expect(stored(initial).load()).rejects.toThrow(
    /value\.json is damaged \(it .*\)\. Move the whole data/,
  );
});

it.each(['null', '{}', '{"crc32":1}', '{"keys":[1]}', '{"crc32":1,"value":{"keys":[1]}}'])(
  'does not take %s for something with a checksum',
  async (text) => {
    writeFileSync(file, text);

    await expect(new StoredJson({ keys: [] }, file).load()).rejects.toThrow(
      /value\.json is damaged \(it .*\)\. Move the whole data/,
    );
  },
);

it('goes on writing after a write that failed, and tells who asked for that one', async () => {
  const path = join(folder, 'blocked');
  writeFileSync(path, '');
  const value = new StoredJson({ a: 1 }, join(path, 'value.json'));
  await expect(value.replace({ a: 2 })).rejects.toThrow();

  rmSync(path);
  mkdirSync(path);
  await value.replace({ a: 3 });

  const again = new StoredJson({ a: 0 }, join(path, 'value.json'));
  await again.load();
  expect(again.value).toEqual({ a: 3 });
});
