// `npm run dev`: looks at the sources a few times a second, which no editor's way of saving can fool. New code of
// functions goes into the running twin; a template that has changed starts the twin anew.

import { setTimeout as sleep } from 'node:timers/promises';
import { fingerprint, functionSources, templateSources } from '../source-fingerprint.ts';
import { type CodeHolder, type Rebuild, RebuildFailed } from './rebuild.ts';

export type SourceWatchOptions = {
  readonly project: string;
  readonly rebuild: Rebuild;
  /** The twin that runs now. */
  readonly running: () => CodeHolder;
  /** Synthesizes and, where the template is another, starts the twin anew. Resolves to whether it did. */
  readonly renew: () => Promise<boolean>;
  readonly say: (line: string) => void;
  readonly onFailure: (error: Error) => void;
};

const betweenLooksMs = 150;

export class SourceWatch {
  private readonly options: SourceWatchOptions;
  private readonly stop = new AbortController();
  private functionsSeen: string;
  private templateSeen: string;
  private watching: Promise<void> = Promise.resolve();

  /** Made before the twin starts, so that what changes meanwhile is not missed. */
  constructor(options: SourceWatchOptions) {
    this.options = options;
    this.functionsSeen = fingerprint(options.project, functionSources);
    this.templateSeen = fingerprint(options.project, templateSources);
  }

  start(): void {
    this.watching = this.watch().catch(this.options.onFailure);
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.watching;
    this.options.rebuild.end();
  }

  private async watch(): Promise<void> {
    const { project } = this.options;
    while (!this.stop.signal.aborted) {
      const functionsNow = fingerprint(project, functionSources);
      if (functionsNow !== this.functionsSeen) await this.rebuild();
      this.functionsSeen = functionsNow;
      const templateNow = fingerprint(project, templateSources);
      if (templateNow !== this.templateSeen) await this.renew();
      this.templateSeen = templateNow;
      await sleep(betweenLooksMs, undefined, { signal: this.stop.signal }).catch(() => undefined);
    }
  }

  private async rebuild(): Promise<void> {
    const { rebuild, running, say } = this.options;
    const startedAtMs = performance.now();
    try {
      const changed = await rebuild.run(running());
      const what = changed.length === 0 ? 'No function changed' : `New code: ${changed.join(', ')}`;
      say(`${what} (${seconds(startedAtMs)} s).`);
    } catch (error) {
      if (!(error instanceof RebuildFailed)) throw error;
      say(`Not rebuilt; the old code goes on.\n${error.message}`);
    }
  }

  private async renew(): Promise<void> {
    const { renew, say } = this.options;
    const startedAtMs = performance.now();
    if (await renew()) say(`The template changed: started anew (${seconds(startedAtMs)} s).`);
  }
}

const seconds = (sinceMs: number) => ((performance.now() - sinceMs) / 1000).toFixed(1);
