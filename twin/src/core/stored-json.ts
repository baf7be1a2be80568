// One value in memory and, where there is a file, on disk. Once `replace` has resolved, the value survives a kill.

import { readJsonFile, writeJsonFile } from './atomic-file.ts';
import { isJsonRecord } from './json-record.ts';
import { UnreadableData } from './unusable-data.ts';

export class StoredJson<T> {
  private current: T;
  private readonly file: string | undefined;
  private readonly mode: number;
  private writing: Promise<void> = Promise.resolve();

  constructor(initial: T, file: string | undefined, mode = 0o644) {
    this.current = initial;
    this.file = file;
    this.mode = mode;
  }

  get value(): T {
    return this.current;
  }

  /** Rejects with UnreadableData, also where the file holds something of another shape. */
  async load(): Promise<void> {
    if (this.file === undefined) return;
    const stored = await readJsonFile(this.file);
    if (stored === undefined) return;
    if (!isShapedLike(this.current, stored)) throw new UnreadableData(this.file, 'it holds something else');
    this.current = stored as T;
  }

  replace(value: T): Promise<void> {
    this.current = value;
    const { file, mode } = this;
    if (file === undefined) return Promise.resolve();
    // One write at a time, or an older value could replace a newer one. A write that fails rejects for its own caller,
    // and does not hold up the next.
    this.writing = this.writing.catch(() => undefined).then(() => writeJsonFile(file, this.current, mode));
    return this.writing;
  }
}

/** A list for a list, and all members of a record, and so on below: what is kept is ours, so this is enough. */
function isShapedLike(initial: unknown, stored: unknown): boolean {
  if (Array.isArray(initial)) return Array.isArray(stored);
  if (!isJsonRecord(initial)) return true;
  return (
    isJsonRecord(stored) && Object.entries(initial).every(([key, value]) => isShapedLike(value, stored[key]))
  );
}
