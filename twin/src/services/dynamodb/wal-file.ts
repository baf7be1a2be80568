// What the log of a SQLite database holds. SQLite reads it up to the first frame that is damaged and passes over the rest
// without a word, acknowledged or not. https://www.sqlite.org/fileformat2.html#the_write_ahead_log

import { readFileSync } from 'node:fs';

export type Wal = {
  /** Of this generation of the log: each time that it is begun anew, the first half counts one up. */
  readonly salt: string;
  /** Of whole transactions, as SQLite counts them. */
  readonly frames: number;
  /** Something of it does not hold what was written, and more of it comes after that. */
  readonly isBroken: boolean;
};

const headerBytes = 32;
const frameHeaderBytes = 24;
const magic = 0x377f0682;

/** Undefined where there is none, or an empty one. */
export function readWal(file: string): Wal | undefined {
  let log: Buffer;
  try {
    log = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (log.length < headerBytes) return undefined;
  const salt = log.toString('hex', 16, 24);
  const isBigEndian = log.readUInt32BE(0) === magic + 1;
  const sum = new RunningSum(log, isBigEndian);
  sum.add(0, 24);
  if (!sum.is(24)) return { salt, frames: 0, isBroken: true };
  const frameBytes = frameHeaderBytes + log.readUInt32BE(8);
  const isOfThisLog = (at: number) => log.toString('hex', at + 8, at + 16) === salt;
  let frames = 0;
  let at = headerBytes;
  for (let frame = 1; at + frameBytes <= log.length && isOfThisLog(at); frame += 1, at += frameBytes) {
    sum.add(at, 8);
    sum.add(at + frameHeaderBytes, frameBytes - frameHeaderBytes);
    if (!sum.is(at + 16)) break;
    const isCommit = log.readUInt32BE(at + 4) !== 0;
    if (isCommit) frames = frame;
  }
  // A kill may leave half a frame at the end. What comes after it is of an earlier generation then.
  let isBroken = false;
  for (at += frameBytes; at + frameHeaderBytes <= log.length; at += frameBytes) isBroken ||= isOfThisLog(at);
  return { salt, frames, isBroken };
}

class RunningSum {
  private first = 0;
  private second = 0;
  private readonly log: Buffer;
  private readonly isBigEndian: boolean;

  constructor(log: Buffer, isBigEndian: boolean) {
    this.log = log;
    this.isBigEndian = isBigEndian;
  }

  add(from: number, bytes: number): void {
    const { log, isBigEndian } = this;
    for (let at = from; at < from + bytes; at += 8) {
      const [one, two] = isBigEndian
        ? [log.readUInt32BE(at), log.readUInt32BE(at + 4)]
        : [log.readUInt32LE(at), log.readUInt32LE(at + 4)];
      this.first = (this.first + one + this.second) | 0;
      this.second = (this.second + two + this.first) | 0;
    }
  }

  is(at: number): boolean {
    return (
      this.first >>> 0 === this.log.readUInt32BE(at) && this.second >>> 0 === this.log.readUInt32BE(at + 4)
    );
  }
}
