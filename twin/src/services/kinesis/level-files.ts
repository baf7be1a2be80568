// Checks the files of the Kinesis engine's LevelDB by the checksums in them. LevelDB itself passes over a damaged part of
// a log without a word, makes a database anew where it finds no CURRENT, and gives what a damaged table holds.
// https://github.com/google/leveldb/blob/main/doc/log_format.md and table_format.md

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedData } from '../../core/unusable-data.ts';
import { crc32c, unmasked } from './crc32c.ts';
import { decompressSnappy } from './snappy.ts';

/** Files that grow, and how far they had at least grown when the last write was acknowledged. */
export type LevelMark = Readonly<Record<string, number>>;

const growing = /^(MANIFEST-)?(\d+)(\.log)?$/;
const isLog = (name: string) => name.endsWith('.log');
const isManifest = (name: string) => name.startsWith('MANIFEST-');
const numberOf = (name: string) => Number(growing.exec(name)?.[2]);

export function markLevel(folder: string): LevelMark {
  const mark: Record<string, number> = {};
  for (const name of readdirSync(folder)) {
    // The engine removes those that it needs no more.
    if (!growing.test(name)) continue;
    const { size } = statSync(join(folder, name), { throwIfNoEntry: false }) ?? {};
    if (size !== undefined) mark[name] = size;
  }
  return mark;
}

/** As far as whole records go, after a write that failed. */
export function wholeLevel(folder: string): LevelMark {
  const whole = (name: string, bytes: number) => {
    try {
      const file = join(folder, name);
      return wholeLogBytes(file, readFileSync(file));
    } catch {
      return bytes;
    }
  };
  const mark = Object.entries(markLevel(folder));
  return Object.fromEntries(mark.map(([name, bytes]) => [name, whole(name, bytes)]));
}

/** Throws DamagedData. */
export function assertLevelIsWhole(folder: string, mark: LevelMark = {}): void {
  const names = readdirSync(folder);
  const wholeBytes = new Map<string, number>();
  for (const name of names) {
    const file = join(folder, name);
    if (isLog(name) || isManifest(name)) wholeBytes.set(name, wholeLogBytes(file, readFileSync(file)));
    if (/\.(ldb|sst)$/.test(name)) assertTableIsWhole(file, readFileSync(file));
  }
  for (const [name, bytes] of Object.entries(mark)) {
    const left = wholeBytes.get(name);
    const file = join(folder, name);
    if (left !== undefined && left < bytes)
      throw new DamagedData(file, `${bytes} bytes were acknowledged, and ${left} of them are left`);
    // What a later one has taken the place of may be gone.
    const isReplaced = names.some(
      (other) => isLog(other) === isLog(name) && growing.test(other) && numberOf(other) > numberOf(name),
    );
    if (left === undefined && !isReplaced) throw new DamagedData(file, 'it is gone');
  }
  if (wholeBytes.size > 0 && !names.includes('CURRENT'))
    throw new DamagedData(join(folder, 'CURRENT'), 'it is gone');
}

const blockBytes = 32_768;
const headerBytes = 7;

/** Up to the end of the last record; a kill may leave half a record at the end, which nobody was told of. */
function wholeLogBytes(file: string, log: Buffer): number {
  let at = 0;
  for (;;) {
    const leftInBlock = blockBytes - (at % blockBytes);
    const start = leftInBlock < headerBytes ? at + leftInBlock : at;
    if (start + headerBytes > log.length) return at;
    const end = start + headerBytes + log.readUInt16LE(start + 4);
    const endOfBlock = start - (start % blockBytes) + blockBytes;
    if (end > endOfBlock) throw new DamagedData(file, `the record at byte ${start} is longer than it can be`);
    if (end > log.length) return at;
    if (unmasked(log.readUInt32LE(start)) !== crc32c(log.subarray(start + 6, end)))
      throw new DamagedData(file, `the record at byte ${start} does not hold what was written`);
    at = end;
  }
}

const footerBytes = 48;
const magic = 0xdb4775248b80fb57n;

function assertTableIsWhole(file: string, table: Buffer): void {
  if (table.length < footerBytes || table.readBigUInt64LE(table.length - 8) !== magic)
    throw new DamagedData(file, 'its end is missing');
  const footer = new Varints(table, table.length - footerBytes);
  const [metaindex, index] = [footer.handle(), footer.handle()];
  const entries = block(file, table, index);
  const isCompressed = table[index[0] + index[1]] === 1;
  const blocks = handlesIn(isCompressed ? decompressSnappy(entries) : entries);
  for (const handle of [...blocks, metaindex]) block(file, table, handle);
}

type Handle = readonly [offset: number, bytes: number];

function block(file: string, table: Buffer, [offset, bytes]: Handle): Buffer {
  const end = offset + bytes;
  if (
    end + 5 > table.length ||
    unmasked(table.readUInt32LE(end + 1)) !== crc32c(table.subarray(offset, end + 1))
  )
    throw new DamagedData(file, `the block at byte ${offset} does not hold what was written`);
  const content = table.subarray(offset, end);
  return content;
}

function handlesIn(index: Buffer): readonly Handle[] {
  const restarts = index.readUInt32LE(index.length - 4);
  const end = index.length - 4 * (restarts + 1);
  const entries = new Varints(index, 0);
  const handles: Handle[] = [];
  while (entries.at < end) {
    entries.next();
    const keyBytes = entries.next();
    const valueBytes = entries.next();
    entries.at += keyBytes;
    const next = entries.at + valueBytes;
    handles.push(entries.handle());
    entries.at = next;
  }
  return handles;
}

class Varints {
  at: number;
  private readonly bytes: Buffer;
  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }
  next(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }
  handle(): Handle {
    return [this.next(), this.next()];
  }
}
