// The Kinesis engine, in a thread of this process: in memory or on LevelDB, whose log is written with every call, so
// that a record that was acknowledged survives a kill.

import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../core/clock.ts';
import type { Marks } from '../../core/marks.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import type { KinesisThreadMessage, KinesisThreadSettings } from './kinesis-thread.ts';
import { assertLevelIsReadable } from './level-check.ts';
import { assertLevelIsWhole, type LevelMark, markLevel, wholeLevel } from './level-files.ts';

export class KinesisEngineFailed extends Error {
  override readonly name = 'KinesisEngineFailed';
}

export type KinesisOptions = {
  /** Without one the engine keeps the machine's time. */
  readonly clock?: Pick<Clock, 'shared'>;
  /** Has what the folder has to hold. */
  readonly marks?: Pick<Marks, 'get' | 'set'>;
  /** Called when the engine ends without having been asked to. */
  readonly onLoss?: (message: string) => void;
};

export class KinesisEngine implements Startable {
  readonly name = 'the Kinesis engine';
  endpoint = '';
  private readonly folder: string | undefined;
  private readonly options: KinesisOptions;
  private thread: Worker | undefined;
  private ready = false;

  constructor(folder: string | undefined, options: KinesisOptions = {}) {
    this.folder = folder;
    this.options = options;
  }

  async start(): Promise<void> {
    if (this.folder !== undefined) {
      const folder = join(this.folder, 'kinesis');
      mkdirSync(folder, { recursive: true });
      assertLevelIsWhole(folder, this.options.marks?.get('stream') as LevelMark | undefined);
      await assertLevelIsReadable(folder);
    }
    this.thread = new Worker(new URL('./kinesis-thread.ts', import.meta.url), {
      name: 'kinesis',
      execArgv: ['--disable-warning=ExperimentalWarning'],
      // Most of what it holds is short-lived; by itself it would be collected late.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
      workerData: {
        path: this.folder && join(this.folder, 'kinesis'),
        clock: this.options.clock?.shared,
      } satisfies KinesisThreadSettings,
    });
    this.thread.on('message', (message: KinesisThreadMessage) => {
      // While it starts, the start itself rejects.
      if (!('failure' in message)) return;
      if (this.ready) this.lost(message.failure);
      void this.thread?.terminate();
    });
    this.thread.on('error', (error: Error) => {
      if (this.ready) this.lost(error.message);
    });
    const [message] = (await once(this.thread, 'message')) as [KinesisThreadMessage];
    if ('failure' in message) throw new KinesisEngineFailed(message.failure);
    if ('endpoint' in message) this.endpoint = message.endpoint;
    this.ready = true;
    this.written();
  }

  /** Called before a write is acknowledged: the next start has to find it. */
  written(): void {
    if (this.folder !== undefined && this.ready)
      this.options.marks?.set('stream', markLevel(join(this.folder, 'kinesis')));
  }

  private lost(reason: string): void {
    // A write that failed may have left a part of itself, which was not acknowledged.
    if (this.folder !== undefined)
      this.options.marks?.set('stream', wholeLevel(join(this.folder, 'kinesis')));
    this.ready = false;
    this.options.onLoss?.(`${this.name} ended by itself. ${reason} Start again.`);
  }

  async end(): Promise<void> {
    const { thread } = this;
    if (thread === undefined) return;
    this.ready = false;
    const ended = Promise.race([once(thread, 'message'), once(thread, 'exit')]);
    thread.postMessage('end');
    // One that failed has nothing left to close.
    await ended.catch(() => undefined);
    await thread.terminate();
  }
}
