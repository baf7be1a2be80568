// One value in memory and, where there is a file, on disk. Once `replace` has resolved, the value survives a kill.

import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { readJsonFile, writeJsonFile } from './atomic-file.ts';
import { isJsonRecord } from './json-record.ts';
import type { Marks } from './marks.ts';
import { DamagedData } from './unusable-data.ts';

export type StoredJsonOptions = {
  readonly mode?: number;
  /** Once it was written it has to be there, and is not begun anew. */
  readonly marks?: Pick<Marks, 'addFile' | 'hasFile'>;
  /** Without a checksum around it, for people and programs that read the file. */
  readonly isBare?: boolean;
};

export class StoredJson<T> {
  private current: T;
  private readonly file: string | undefined;
  private readonly options: StoredJsonOptions;
  private writing: Promise<void> = Promise.resolve();

  constructor(initial: T, file: string | undefined, options: StoredJsonOptions = {}) {
    this.current = initial;
    this.file = file;
    this.options = options;
  }

  get value(): T {
    return this.current;
  }

  /** Rejects with DamagedData, also where the file holds something of another shape. */
  async load(): Promise<void> {
    if (this.file === undefined) return;
    const content = await readJsonFile(this.file);
    if (content === undefined) {
      if (this.options.marks?.hasFile(basename(this.file))) throw new DamagedData(this.file, 'it is gone');
      return;
    }
    const stored = this.options.isBare ? content : unsealed(this.file, content);
    if (!isShapedLike(this.current, stored)) throw new DamagedData(this.file, 'it holds something else');
    this.current = stored as T;
  }

  replace(value: T): Promise<void> {
    this.current = value;
    const { file, options } = this;
    if (file === undefined) return Promise.resolve();
    const write = async () => {
      await writeJsonFile(file, options.isBare ? this.current : sealed(this.current), options.mode);
      options.marks?.addFile(basename(file));
    };
    // One write at a time, or an older value could replace a newer one. A write that fails rejects for its own caller,
    // and does not hold up the next.
    this.writing = this.writing.catch(() => undefined).then(write);
    return this.writing;
  }
}

/** A byte that has changed may leave it JSON: a key or a position that was never given. */
function sealed(value: unknown): { readonly crc32: number; readonly value: unknown } {
  return { crc32: crc32(JSON.stringify(value)), value };
}

function unsealed(file: string, content: unknown): unknown {
  const isWhole = isJsonRecord(content) && content.value !== undefined;
  if (isWhole && content.crc32 === sealed(content.value).crc32) return content.value;
  throw new DamagedData(file, 'it does not hold what was written');
}

/** A list for a list, and all members of a record, and so on below: what is kept is ours, so this is enough. */
function isShapedLike(initial: unknown, stored: unknown): boolean {
  if (Array.isArray(initial)) return Array.isArray(stored);
  if (!isJsonRecord(initial)) return true;
  return (
    isJsonRecord(stored) && Object.entries(initial).every(([key, value]) => isShapedLike(value, stored[key]))
  );
}
