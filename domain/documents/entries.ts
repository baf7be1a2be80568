// The stored form of counts by name or user: how long each text is, all counts, and all texts one after the other. So a
// reader of many documents adds them up without making a string of each.

import type { ByteReader, ByteWriter } from '../system/bytes.ts';

export type Entries = {
  readonly bytes: Uint8Array;
  /** Where each text ends. */
  readonly ends: readonly number[];
  readonly counts: readonly number[];
};

export const noEntries: Entries = { bytes: new Uint8Array(), ends: [], counts: [] };

export function writeEntries(into: ByteWriter, texts: readonly string[], counts: readonly number[]): void {
  const bytes = texts.map((text) => Buffer.from(text));
  into.number(texts.length);
  for (const { length } of bytes) into.number(length);
  for (const count of counts) into.number(count);
  for (const each of bytes) into.bytes(each);
}

export function readEntries(from: ByteReader): Entries {
  const size = from.number();
  const ends = new Array<number>(size);
  let end = 0;
  for (let index = 0; index < size; index += 1) {
    end += from.number();
    ends[index] = end;
  }
  const counts = readNumbers(from, size);
  return { bytes: from.bytes(end), ends, counts };
}

export function readNumbers(from: ByteReader, size: number): number[] {
  const numbers = new Array<number>(size);
  for (let index = 0; index < size; index += 1) numbers[index] = from.number();
  return numbers;
}

export function textsOf({ bytes, ends }: Entries): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const all = buffer.toString();
  // A text of ASCII has as many characters as bytes.
  const cut =
    all.length === bytes.length
      ? (from: number, to: number) => all.slice(from, to)
      : (from: number, to: number) => buffer.toString('utf8', from, to);
  return ends.map((end, index) => cut(ends[index - 1] ?? 0, end));
}
