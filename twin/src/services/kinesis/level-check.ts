// Opens the Kinesis engine's LevelDB once before the engine does: on damaged files the engine itself ends the whole
// process.

import { createRequire } from 'node:module';
import { isFullDisk } from '../../core/full-disk.ts';
import { DamagedData } from '../../core/unusable-data.ts';

type Level = {
  open(done: (error: Error | null | undefined) => void): void;
  close(done: (error: Error | null | undefined) => void): void;
};

/** The very build that the engine uses. */
const requireAsKinesalite = createRequire(createRequire(import.meta.url).resolve('kinesalite'));

/** Rejects with DamagedData. */
export async function assertLevelIsReadable(folder: string): Promise<void> {
  const leveldown = requireAsKinesalite('leveldown') as (folder: string) => Level;
  const level = leveldown(folder);
  await settled((done) => level.open(done)).catch((cause: Error) => {
    // To open it takes some room, and nothing is wrong with what is there.
    if (isFullDisk(cause.message)) throw cause;
    throw new DamagedData(folder, cause.message, { cause });
  });
  await settled((done) => level.close(done));
}

function settled(call: (done: (error: Error | null | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
}
