// One twin at a time works on a data folder. A lock that a killed twin left behind is taken over.

import { accessSync, constants, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { forgetPid, runningPid } from './stale-process.ts';
import type { Startable } from './start-in-phases.ts';

export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  constructor(folder: string, pid: number | undefined, pidFile: string) {
    super(
      `${folder} is in use by process ${pid ?? 'unknown'}. Stop it, or start with --memory, which keeps no data. ` +
        `If that process is no twin, remove ${pidFile}.`,
    );
  }
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

/**
 * The folders that this process holds. A pid file with our own id may be of a killed twin that had the same id, as in a
 * container.
 */
const held = new Set<string>();

/** Before work that would be in vain; the lock itself is taken by the start. Throws FolderUnusable or FolderInUse. */
export function assertFolderIsFree(folder: string): void {
  const pidFile = pidFileIn(folder);
  makeFolder(folder);
  const owner = held.has(resolve(folder)) ? process.pid : otherPid(pidFile);
  if (owner !== undefined) throw new FolderInUse(folder, owner, pidFile);
}

const pidFileIn = (folder: string) => join(folder, 'twin.pid');

export function createFolderLock(folder: string): Startable {
  const pidFile = pidFileIn(folder);
  return {
    name: 'the data folder',
    start: async () => {
      makeFolder(folder);
      const key = resolve(folder);
      if (held.has(key)) throw new FolderInUse(folder, process.pid, pidFile);
      held.add(key);
      try {
        await take(folder, pidFile);
      } catch (error) {
        held.delete(key);
        throw error;
      }
    },
    end: async () => {
      forgetPid(pidFile);
      held.delete(resolve(folder));
    },
  };
}

/** Only one process at a time has the claim, and only that one looks whether the folder is free. */
async function take(folder: string, pidFile: string): Promise<void> {
  const claim = `${pidFile}.claim`;
  await makeClaim(folder, claim);
  const owner = otherPid(pidFile);
  if (owner !== undefined) {
    forgetPid(claim);
    throw new FolderInUse(folder, owner, pidFile);
  }
  renameSync(claim, pidFile);
}

async function makeClaim(folder: string, claim: string, isRetry = false): Promise<void> {
  try {
    writeFileSync(claim, `${process.pid}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = otherPid(claim);
    if (isRetry || owner !== undefined) throw new FolderInUse(folder, owner, claim);
    // The file is of a killed twin, or just being written.
    await sleep(50);
    if (otherPid(claim) === undefined) forgetPid(claim);
    await makeClaim(folder, claim, true);
  }
}

function otherPid(file: string): number | undefined {
  const pid = runningPid(file, 'node');
  return pid === process.pid ? undefined : pid;
}
