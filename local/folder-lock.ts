// One twin at a time works on a data folder. A lock that a killed twin left behind is taken over.

import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { forgetPid, rememberPid, runningPid } from './engines/stale-process.ts';
import type { Service } from './service.ts';

export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

export class FolderUnusable extends Error {
  override readonly name = 'FolderUnusable';
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new FolderUnusable(
      `${folder} cannot be used (${(cause as NodeJS.ErrnoException).code}). It has to be a folder that you may ` +
        'write to.',
      { cause },
    );
  }
}

export function createFolderLock(folder: string): Service {
  const pidFile = join(folder, 'twin.pid');
  return {
    name: 'the data folder',
    start: async () => {
      makeFolder(folder);
      const pid = runningPid(pidFile, 'node');
      if (pid !== undefined && pid !== process.pid)
        throw new FolderInUse(
          `${folder} is in use by process ${pid}. Stop it, or start with --memory, which keeps no data. ` +
            `If that process is no twin, remove ${pidFile}.`,
        );
      rememberPid(pidFile, process.pid);
    },
    end: async () => forgetPid(pidFile),
  };
}
