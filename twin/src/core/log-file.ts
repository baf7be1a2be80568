// A file that lines are appended to. A failure to write is reported once, and does not fail what is logged.

import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

export class LogFile {
  private readonly stream: WriteStream;

  constructor(path: string, report: (problem: string) => void) {
    mkdirSync(dirname(path), { recursive: true });
    this.stream = createWriteStream(path, { flags: 'a' });
    this.stream.on('error', (error) => report(`${path} cannot be written: ${error.message}`));
  }

  write(text: string | Buffer): void {
    if (!this.stream.destroyed) this.stream.write(text);
  }

  async end(): Promise<void> {
    if (!this.stream.destroyed) await new Promise((resolve) => this.stream.end(resolve));
  }
}
