// Polls the sources a few times a second, which works with any editor's way of saving, and calls back on a change.

import { setTimeout as sleep } from 'node:timers/promises';
import { fingerprint, functionSources, templateSources } from '../source-fingerprint.ts';

export type SourceWatchOptions = {
  readonly project: string;
  readonly onFunctions: () => Promise<void>;
  readonly onTemplate: () => Promise<void>;
  /** The watch itself failed. */
  readonly onFailure: (error: Error) => void;
};

const betweenLooksMs = 150;

export class SourceWatch {
  private readonly options: SourceWatchOptions;
  private readonly stop = new AbortController();
  private functionsSeen: string;
  private templateSeen: string;
  private watching: Promise<void> = Promise.resolve();

  /** Made before the twin starts, so that no change is missed meanwhile. */
  constructor(options: SourceWatchOptions) {
    this.options = options;
    this.functionsSeen = fingerprint(options.project, functionSources);
    this.templateSeen = fingerprint(options.project, templateSources);
  }

  start(): void {
    this.watching = this.watch().catch(this.options.onFailure);
  }

  /** Resolves when the callbacks under way are done. */
  async end(): Promise<void> {
    this.stop.abort();
    await this.watching;
  }

  private async watch(): Promise<void> {
    const { project, onFunctions, onTemplate } = this.options;
    const { signal } = this.stop;
    while (!signal.aborted) {
      const functionsNow = fingerprint(project, functionSources);
      if (functionsNow !== this.functionsSeen) await onFunctions();
      this.functionsSeen = functionsNow;
      const templateNow = fingerprint(project, templateSources);
      if (templateNow !== this.templateSeen && !signal.aborted) await onTemplate();
      this.templateSeen = templateNow;
      await sleep(betweenLooksMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
