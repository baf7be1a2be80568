import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogTail } from '../../src/core/log-tail.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-log-tail-'));
  path = join(folder, 'ingest.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

function look(tail: LogTail): readonly string[] {
  const lines: string[] = [];
  tail.look((line) => lines.push(line));
  return lines;
}

describe('a look at a log', () => {
  it('finds what was appended since the look before, and nothing twice', () => {
    const tail = new LogTail(path);
    writeFileSync(path, 'one\ntwo\n');
    expect(look(tail)).toEqual(['one', 'two']);

    appendFileSync(path, 'three\n');

    expect(look(tail)).toEqual(['three']);
    expect(look(tail)).toEqual([]);
  });

  it('finds nothing of earlier runs', () => {
    writeFileSync(path, 'of yesterday\n');
    const tail = new LogTail(path);

    appendFileSync(path, 'of today\n');

    expect(look(tail)).toEqual(['of today']);
  });

  it('leaves a line that has not ended for the look that finds its end', () => {
    const tail = new LogTail(path);
    const text = Buffer.from('one\nzwölf\n');
    // Between the two bytes of the ö.
    writeFileSync(path, text.subarray(0, 7));
    expect(look(tail)).toEqual(['one']);
    expect(look(tail)).toEqual([]);

    appendFileSync(path, text.subarray(7));

    expect(look(tail)).toEqual(['zwölf']);
  });

  it('finds empty lines as they are', () => {
    const tail = new LogTail(path);
    writeFileSync(path, '\n\none\n\n');

    expect(look(tail)).toEqual(['', '', 'one', '']);
  });

  it('finds nothing where there is no file, and begins with it once there is one', () => {
    const tail = new LogTail(path);
    expect(look(tail)).toEqual([]);

    writeFileSync(path, 'one\n');

    expect(look(tail)).toEqual(['one']);
  });
});

describe('a log that is not what it was', () => {
  it('is read from its start after it was truncated, and forgets a line that had not ended', () => {
    writeFileSync(path, 'of yesterday, and long\n');
    const tail = new LogTail(path);
    appendFileSync(path, 'one\nhalf a li');
    expect(look(tail)).toEqual(['one']);

    truncateSync(path);
    appendFileSync(path, 'two\n');

    expect(look(tail)).toEqual(['two']);
  });

  it('is read from its start after it was deleted and looked for', () => {
    writeFileSync(path, 'of yesterday\nhalf a li');
    const tail = new LogTail(path);
    rmSync(path);
    expect(look(tail)).toEqual([]);

    writeFileSync(path, 'a first line that is longer than the file was\n');

    expect(look(tail)).toEqual(['a first line that is longer than the file was']);
  });

  it('is read from its start after another took its place between two looks', () => {
    writeFileSync(path, 'one\n');
    const tail = new LogTail(path);
    const other = join(folder, 'other.log');
    writeFileSync(other, 'a first line that is longer than the file was\n');

    renameSync(other, path);

    expect(look(tail)).toEqual(['a first line that is longer than the file was']);
  });

  it('is told of when it cannot be read', () => {
    const tail = new LogTail(join(path, 'below-a-file.log'));
    writeFileSync(path, 'a file');

    expect(() => look(tail)).toThrow('ENOTDIR');
  });
});

it('finds each line of two writers once, in the order of each', () => {
  const tail = new LogTail(path);
  const writers = ['one', 'other'].map((name) => ({ name, descriptor: openSync(path, 'a') }));
  const found: string[] = [];

  for (let index = 0; index < 200; index += 1) {
    for (const { name, descriptor } of writers) writeSync(descriptor, `${name} ${index}\n`);
    if (index % 7 === 0) found.push(...look(tail));
  }
  found.push(...look(tail));

  for (const { descriptor } of writers) closeSync(descriptor);
  expect(found).toHaveLength(400);
  for (const { name } of writers)
    expect(found.filter((line) => line.startsWith(`${name} `))).toEqual(
      Array.from({ length: 200 }, (_, index) => `${name} ${index}`),
    );
});

it('finds all of 5 MB that nobody looked at, whatever their lines are like', () => {
  const tail = new LogTail(path);
  const line = (index: number) => `${index} ${'ä€𝄞'.repeat(index % 97)}`;
  const lines = Array.from({ length: 11_000 }, (_, index) => line(index));
  // Longer than what is read at once.
  lines.splice(500, 0, 'ö'.repeat(400_000));
  const text = Buffer.from(`${lines.join('\n')}\n`);
  expect(text.length).toBeGreaterThan(5_000_000);

  writeFileSync(path, text);

  expect(look(tail)).toEqual(lines);
});
