// What the data folder is known to hold, in a small file of its own: how far logs had grown when their last write was
// acknowledged, and which files there must be. A log that was cut is whole as far as it goes, and a file that is gone
// looks like one that never was: only something kept elsewhere can tell. A mark is one write of a few bytes, because it
// is made with every acknowledged write; like what it marks, it survives a kill.

import { closeSync, constants, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Startable } from './start-in-phases.ts';

/** Each has its place in the file. */
const places = ['tables', 'stream', 'files'] as const;
export type MarkName = (typeof places)[number];

/** Within a page of memory, so that a kill never leaves half of a mark. */
const placeBytes = 4096;

export class Marks implements Startable {
  readonly name = 'the marks of the data';
  private readonly file: string | undefined;
  private readonly values = new Map<MarkName, unknown>();
  private descriptor: number | undefined;

  /** Without a file nothing is marked. */
  constructor(file: string | undefined) {
    this.file = file;
  }

  /** Marks that are damaged, or not there, are compared with nothing: what they mark is whole then. */
  async start(): Promise<void> {
    if (this.file === undefined) return;
    mkdirSync(dirname(this.file), { recursive: true });
    this.descriptor = openSync(this.file, constants.O_RDWR | constants.O_CREAT, 0o644);
    const text = readFileSync(this.file, 'utf8');
    // A mark needs no room later, when the disk may be full.
    if (text.length < placeBytes * places.length)
      writeSync(this.descriptor, text.padEnd(placeBytes * places.length, ' '), 0);
    for (const [index, name] of places.entries()) {
      const line = text.slice(index * placeBytes, (index + 1) * placeBytes).trimEnd();
      const value = line.slice(line.indexOf(' ') + 1);
      if (line !== '' && line === sealed(value)) this.values.set(name, JSON.parse(value));
    }
  }

  async end(): Promise<void> {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  get(name: MarkName): unknown {
    return this.values.get(name);
  }

  /** What was set survives a kill once this returns. */
  set(name: MarkName, value: unknown): void {
    this.values.set(name, value);
    if (this.descriptor === undefined) return;
    const line = sealed(JSON.stringify(value)).padEnd(placeBytes - 1);
    writeSync(this.descriptor, `${line}\n`, places.indexOf(name) * placeBytes);
  }

  /** A file by this name has to be there from now on. */
  addFile(name: string): void {
    if (!this.hasFile(name)) this.set('files', [...this.files, name]);
  }

  hasFile(name: string): boolean {
    return this.files.includes(name);
  }

  private get files(): readonly string[] {
    return (this.values.get('files') ?? []) as readonly string[];
  }
}

function sealed(value: string): string {
  return `${crc32(value).toString(16).padStart(8, '0')} ${value}`;
}
