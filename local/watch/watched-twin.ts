// `npm run dev`: a twin that follows its sources. New code of functions goes into the running twin; a changed template
// restarts it. If something cannot be built or started, it says so and tries again at the next save.

import { join } from 'node:path';
import { loadAssembly, templatesEqual } from '@weir/twin/template';
import { SynthesisFailed, synthesize } from '../synthesize.ts';
import type { RunningWeir } from '../weir.ts';
import { Rebuild, RebuildFailed } from './rebuild.ts';
import { SourceWatch } from './source-watch.ts';

export type WatchedTwinOptions = {
  readonly project: string;
  readonly folder: string;
  readonly stage: string;
  /** On an existing assembly, or on one that it makes. */
  readonly start: (assembly?: string) => Promise<RunningWeir>;
  /** Called after a restart: addresses change, and with --memory accounts too. */
  readonly onRenewed: (twin: RunningWeir) => Promise<void> | void;
  readonly say: (line: string) => void;
  /** The watch itself failed. */
  readonly onFailure: (error: Error) => void;
};

/** Resolves to the first twin. Its `stop` stops the one that runs by then. */
export async function startWatchedTwin(options: WatchedTwinOptions): Promise<RunningWeir> {
  const { project, folder, stage, start, onRenewed, say, onFailure } = options;
  const stop = new AbortController();
  const rebuild = new Rebuild(project, join(folder, 'rebuilt'), stop.signal);
  /** Undefined while a changed template cannot be started. */
  let running: RunningWeir | undefined;

  const onFunctions = async () => {
    if (running === undefined) return onTemplate();
    const sinceMs = performance.now();
    try {
      const changed = await rebuild.run(running.functions);
      const what = changed.length === 0 ? 'No function changed' : `New code: ${changed.join(', ')}`;
      say(`${what} (${seconds(sinceMs)} s).`);
    } catch (error) {
      if (!(error instanceof RebuildFailed)) throw error;
      if (!stop.signal.aborted) say(`Not rebuilt; the old code goes on.\n${error.message}`);
    }
  };

  const onTemplate = async () => {
    const sinceMs = performance.now();
    const assembly = await synthesizeAnew();
    if (assembly === undefined || stop.signal.aborted) return;
    if (running && templatesEqual(loadAssembly(assembly), loadAssembly(running.assemblyFolder))) return;
    await running?.stop();
    running = undefined;
    try {
      running = await start(assembly);
    } catch (error) {
      return say(`It does not start; save again to try again.\n${(error as Error).message}`);
    }
    await onRenewed(running);
    say(`The template changed: started anew (${seconds(sinceMs)} s).`);
  };

  const synthesizeAnew = async () => {
    try {
      return await synthesize({ project, stage, folder: join(folder, 'assembly'), signal: stop.signal });
    } catch (error) {
      if (!(error instanceof SynthesisFailed)) throw error;
      if (!stop.signal.aborted) say(`The template could not be made; the old one goes on.\n${error.message}`);
      return undefined;
    }
  };

  const watch = new SourceWatch({ project, onFunctions, onTemplate, onFailure });
  const first = await start();
  running = first;
  watch.start();
  return {
    ...first,
    stop: async () => {
      stop.abort();
      await watch.end();
      rebuild.end();
      await running?.stop();
    },
  };
}

const seconds = (sinceMs: number) => ((performance.now() - sinceMs) / 1000).toFixed(1);
