// The Kinesis engine, in this process: in memory or on LevelDB, whose log is written with every call, so that
// a record that was acknowledged survives a kill.

import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { close, listen } from '../http/listen.ts';
import type { Service } from '../service.ts';
import { assertLevelIsReadable } from './level-check.ts';

export class KinesisEngine implements Service {
  readonly name = 'the Kinesis engine';
  endpoint = '';
  private readonly folder: string | undefined;
  private server: Server | undefined;

  constructor(folder: string | undefined) {
    this.folder = folder;
  }

  async start(): Promise<void> {
    const { default: kinesalite } = await import('kinesalite');
    if (this.folder !== undefined) {
      mkdirSync(this.folder, { recursive: true });
      await assertLevelIsReadable(join(this.folder, 'kinesis'));
    }
    this.server = kinesalite({
      ...(this.folder !== undefined && { path: join(this.folder, 'kinesis') }),
      createStreamMs: 0,
      deleteStreamMs: 0,
      updateStreamMs: 0,
      shardLimit: 500,
    });
    this.endpoint = await listen(this.server, 0);
  }

  async end(): Promise<void> {
    if (this.server !== undefined) await close(this.server);
  }
}
