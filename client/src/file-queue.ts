// A queue on disk for Node: batches survive a crash of the process, and a loss of power once `put` has resolved. Each is
// a file of its own. It is written aside, synced and renamed, so that a file is whole or not there.

import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchStore, StoredBatch } from './batch.ts';

const ending = '.batch.json';
const nameOf = ({ createdAtMs, key }: StoredBatch) =>
  `${String(createdAtMs).padStart(15, '0')}-${key}${ending}`;

/** Two processes on one folder send what is left twice, under one key: it counts once, and both report it. */
export function fileQueue(folder: string): BatchStore {
  const made = mkdir(folder, { recursive: true });
  made.catch(() => undefined);
  const pathOf = (batch: StoredBatch) => join(folder, nameOf(batch));

  return {
    async load() {
      await made;
      const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).toSorted();
      const batches: StoredBatch[] = [];
      for (const name of names) batches.push(JSON.parse(await readFile(join(folder, name), 'utf8')));
      // The process ended while it put halves in the place of a whole.
      const keys = new Set(batches.map(({ key }) => key));
      const isSplit = ({ key }: StoredBatch) => keys.has(`${key}.0`) && keys.has(`${key}.1`);
      for (const whole of batches.filter(isSplit)) await rm(pathOf(whole), { force: true });
      return batches.filter((batch) => !isSplit(batch));
    },

    async put({ key, createdAtMs, events }) {
      await made;
      const path = pathOf({ key, createdAtMs, events });
      const aside = `${path}.${randomUUID()}.tmp`;
      const file = await open(aside, 'wx');
      try {
        await file.writeFile(JSON.stringify({ key, createdAtMs, events }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(aside, path);
      await syncFolder(folder);
    },

    // Not synced: if a crash brings it back, it is sent under the same key again and counts once.
    remove: (batch) => rm(pathOf(batch), { force: true }),
  };
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders, and writes renames through by itself.
  if (process.platform === 'win32') return;
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
