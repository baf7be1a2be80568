// A twin that follows its sources: what `npm run dev` runs. It is started, renewed and stopped as one thing.

import { join } from 'node:path';
import { SynthesisFailed, synthesize } from '../synthesize.ts';
import { loadAssembly, templatesEqual } from '../template/assembly.ts';
import type { Twin } from '../twin.ts';
import { Rebuild } from './rebuild.ts';
import { SourceWatch } from './source-watch.ts';

export type WatchedTwinOptions = {
  readonly project: string;
  readonly folder: string;
  readonly stage: string;
  readonly start: () => Promise<Twin>;
  /** Addresses, and in memory accounts too, are others then. */
  readonly onRenewed: (twin: Twin) => void;
  readonly say: (line: string) => void;
  /** The twin cannot be started any more, or the watch itself is broken. */
  readonly onFailure: (error: Error) => void;
};

/** Resolves to the twin as it is at first; what is stopped later is the one that runs then. */
export async function startWatchedTwin(options: WatchedTwinOptions): Promise<Twin> {
  const { project, folder, stage, start, onRenewed, say, onFailure } = options;
  const watch = new SourceWatch({
    project,
    say,
    onFailure,
    rebuild: new Rebuild(project, join(folder, 'rebuilt', String(process.pid))),
    running: () => twin.functions,
    renew: async () => {
      const assembly = await synthesize({ project, stage, folder: join(folder, 'assembly') }).catch(
        (error: unknown) => {
          if (!(error instanceof SynthesisFailed)) throw error;
          say(`The template could not be made; the old one goes on.\n${error.message}`);
        },
      );
      if (assembly === undefined) return false;
      if (templatesEqual(loadAssembly(assembly), loadAssembly(twin.assemblyFolder))) return false;
      await twin.stop();
      twin = await start();
      onRenewed(twin);
      return true;
    },
  });
  let twin = await start();
  watch.start();
  return {
    ...twin,
    stop: async () => {
      await watch.end();
      await twin.stop();
    },
  };
}
