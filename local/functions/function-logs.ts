// What functions print, one file a function, appended.

import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { LogFile } from '../log-file.ts';

export class FunctionLogs {
  private readonly folder: string;
  private readonly report: (problem: string) => void;
  private readonly files = new Map<string, LogFile>();

  constructor(folder: string, report: (problem: string) => void) {
    this.folder = folder;
    this.report = report;
  }

  /** What takes the output of the function's environments, one by one. */
  of(verb: string): (output: Readable) => void {
    const file = this.files.get(verb) ?? new LogFile(join(this.folder, `${verb}.log`), this.report);
    this.files.set(verb, file);
    return (output) => output.on('data', (chunk: Buffer) => file.write(chunk));
  }

  async end(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => file.end()));
  }
}
