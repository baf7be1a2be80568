// One value kept in memory and, where there is a file, on disk: what `replace` resolved for survives a kill.

import { readJsonFile, writeJsonFile } from './atomic-file.ts';

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

  async load(): Promise<void> {
    if (this.file === undefined) return;
    const stored = await readJsonFile(this.file);
    if (stored !== undefined) this.current = stored as T;
  }

  replace(value: T): Promise<void> {
    this.current = value;
    const { file, mode } = this;
    if (file === undefined) return Promise.resolve();
    // One write at a time, or an older value could replace a newer one.
    // One that failed is told to whoever asked for it, and holds nobody else up.
    this.writing = this.writing.catch(() => undefined).then(() => writeJsonFile(file, this.current, mode));
    return this.writing;
  }
}
