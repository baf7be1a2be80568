// What was appended to a file since the last look, in whole lines: one that has not ended yet is there at a later look.
// What the file holds at the beginning is of earlier runs. A file that is gone, new or shorter is read from its start.

import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

const chunkBytes = 262_144;
const lineFeed = 0x0a;
const nothing = Buffer.alloc(0);

export class LogTail {
  private readonly path: string;
  private inode: number | undefined;
  private positionBytes: number;
  private unfinishedLine: Buffer = nothing;

  constructor(path: string) {
    this.path = path;
    const file = statSync(path, { throwIfNoEntry: false });
    this.inode = file?.ino;
    this.positionBytes = file?.size ?? 0;
  }

  /** What is appended while it looks is left for the next time, so that a busy writer cannot hold it. */
  look(take: (line: string) => void): void {
    const descriptor = openIfThere(this.path);
    if (descriptor === undefined) {
      this.startOver(undefined);
      return;
    }
    try {
      const { ino, size } = fstatSync(descriptor);
      if (ino !== this.inode || size < this.positionBytes) this.startOver(ino);
      this.readTo(size, descriptor, take);
    } finally {
      closeSync(descriptor);
    }
  }

  private readTo(endBytes: number, descriptor: number, take: (line: string) => void): void {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, endBytes - this.positionBytes));
    while (this.positionBytes < endBytes) {
      const length = Math.min(chunk.length, endBytes - this.positionBytes);
      const readBytes = readSync(descriptor, chunk, 0, length, this.positionBytes);
      // It was truncated after it was measured: the next look finds it shorter.
      if (readBytes === 0) return;
      this.positionBytes += readBytes;
      const text = Buffer.concat([this.unfinishedLine, chunk.subarray(0, readBytes)]);
      const ended = text.lastIndexOf(lineFeed) + 1;
      this.unfinishedLine = text.subarray(ended);
      if (ended > 0) for (const line of text.toString('utf8', 0, ended - 1).split('\n')) take(line);
    }
  }

  private startOver(inode: number | undefined): void {
    this.inode = inode;
    this.positionBytes = 0;
    this.unfinishedLine = nothing;
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
