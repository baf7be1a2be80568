// How far the tables' database had grown when its last write was acknowledged, and how it was left when it was closed.

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Marks } from '../../core/marks.ts';

export type TablesMark =
  /** `salt` and `frames` are of its log. While it is being closed, the log may be gone already. */
  | { readonly state: 'open' | 'closing'; readonly salt: string; readonly frames: number }
  | { readonly state: 'closed'; readonly crc32?: number };

const indexHeaderBytes = 48;
/** In the header of SQLite's index of the log, which is the same on every machine but for its byte order. */
const [framesAt, saltAt] = [16, 32];
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export class TableMarks {
  private readonly marks: Pick<Marks, 'get' | 'set'>;
  private readonly file: string;
  private index: number | undefined;
  private readonly header = Buffer.alloc(2 * indexHeaderBytes);

  constructor(marks: Pick<Marks, 'get' | 'set'>, file: string) {
    this.marks = marks;
    this.file = file;
  }

  get last(): TablesMark | undefined {
    return this.marks.get('tables') as TablesMark | undefined;
  }

  /** The database is open, and what was answered so far has to be found again. */
  written(): void {
    const position = this.position();
    if (position !== undefined) this.marks.set('tables', { state: 'open', ...position } satisfies TablesMark);
  }

  closing(): void {
    const position = this.position();
    if (position !== undefined)
      this.marks.set('tables', { state: 'closing', ...position } satisfies TablesMark);
    if (this.index !== undefined) closeSync(this.index);
    this.index = undefined;
  }

  closed(): void {
    const content = isLarge(this.file) ? {} : { crc32: crc32Of(this.file) };
    this.marks.set('tables', { state: 'closed', ...content } satisfies TablesMark);
  }

  /** SQLite keeps two headers and writes one after the other: where they differ it is writing, and marks soon follow. */
  private position(): { readonly salt: string; readonly frames: number } | undefined {
    const { header } = this;
    this.index ??= openSync(`${this.file}-shm`, 'r');
    readSync(this.index, header, 0, header.length, 0);
    if (!header.subarray(0, indexHeaderBytes).equals(header.subarray(indexHeaderBytes))) return undefined;
    const frames = isLittleEndian ? header.readUInt32LE(framesAt) : header.readUInt32BE(framesAt);
    return { salt: header.toString('hex', saltAt, saltAt + 8), frames };
  }
}

/** Past it a check takes so long that a start, or an end, does not wait for it. */
const largeBytes = 256 * 1024 * 1024;

export const isLarge = (file: string) => statSync(file).size > largeBytes;

const partBytes = 1024 * 1024;

export function crc32Of(file: string): number {
  const descriptor = openSync(file, 'r');
  const part = Buffer.alloc(partBytes);
  let sum = 0;
  for (;;) {
    const bytes = readSync(descriptor, part);
    if (bytes === 0) break;
    sum = crc32(part.subarray(0, bytes), sum);
  }
  closeSync(descriptor);
  return sum;
}
