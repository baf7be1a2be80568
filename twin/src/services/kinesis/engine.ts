// The Kinesis engine, in a thread of this process: in memory or on LevelDB, whose log is written with every call, so
// that a record that was acknowledged survives a kill.

import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../core/clock.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import type { KinesisThreadMessage, KinesisThreadSettings } from './kinesis-thread.ts';
import { assertLevelIsReadable } from './level-check.ts';

export type KinesisOptions = {
  /** Without one the engine keeps the machine's time. */
  readonly clock?: Pick<Clock, 'shared'>;
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
      mkdirSync(this.folder, { recursive: true });
      await assertLevelIsReadable(join(this.folder, 'kinesis'));
    }
    this.thread = new Worker(new URL('./kinesis-thread.ts', import.meta.url), {
      name: 'kinesis',
      execArgv: ['--disable-warning=ExperimentalWarning'],
      workerData: {
        path: this.folder && join(this.folder, 'kinesis'),
        clock: this.options.clock?.shared,
      } satisfies KinesisThreadSettings,
    });
    this.thread.on('error', (error: Error) => {
      // While it starts, the start itself rejects.
      if (this.ready) this.options.onLoss?.(`${this.name} ended by itself. ${error.message} Start again.`);
    });
    const [message] = (await once(this.thread, 'message')) as [KinesisThreadMessage];
    if ('endpoint' in message) this.endpoint = message.endpoint;
    this.ready = true;
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
