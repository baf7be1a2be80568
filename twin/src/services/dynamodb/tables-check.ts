// Whether the tables' database holds what was acknowledged, before the engine opens it: the engine starts on what is left.

import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { DamagedData } from '../../core/unusable-data.ts';
import type { QuickCheckMessage } from './quick-check-thread.ts';
import { crc32Of, isLarge, type TablesMark } from './table-marks.ts';
import { readWal } from './wal-file.ts';

/** A log that is begun anew this often between two marks is another database's. */
const mostGenerations = 1_000_000;

/** Rejects with DamagedData. Of a large database SQLite's own check goes on after that, and `tellLater` is told of it. */
export async function assertTablesAreWhole(
  file: string,
  mark: TablesMark | undefined,
  tellLater: (message: string) => void,
): Promise<void> {
  const logFile = `${file}-wal`;
  const wal = readWal(logFile);
  if (!existsSync(file) || statSync(file).size === 0) {
    if (mark === undefined && wal === undefined) return;
    throw new DamagedData(file, existsSync(file) ? 'it is empty' : 'it is gone');
  }
  if (wal?.isBroken) throw new DamagedData(logFile, 'it does not hold what was written');
  if (mark?.state === 'closed' && mark.crc32 !== undefined && wal === undefined) {
    // Says more than SQLite's own check, which sees no value that has changed.
    if (isLarge(file) || crc32Of(file) !== mark.crc32)
      throw new DamagedData(file, 'it does not hold what it did when it was closed');
    return;
  }
  if (mark !== undefined && mark.state !== 'closed') assertLogReaches(logFile, wal, mark);
  const checked = quickCheck(file).then((complaint) => {
    if (complaint !== undefined) throw new DamagedData(file, complaint);
  });
  if (isLarge(file)) void checked.catch((error: Error) => tellLater(error.message));
  else await checked;
}

function assertLogReaches(
  logFile: string,
  wal: ReturnType<typeof readWal>,
  mark: Exclude<TablesMark, { readonly state: 'closed' }>,
): void {
  if (wal === undefined) {
    if (mark.state === 'open' && mark.frames > 0) throw new DamagedData(logFile, 'it is gone, or empty');
    return;
  }
  const begunAnew = (generation(wal.salt) - generation(mark.salt)) >>> 0;
  const isWhole = begunAnew === 0 ? wal.frames >= mark.frames : begunAnew < mostGenerations;
  if (!isWhole) throw new DamagedData(logFile, 'the end of what was acknowledged is missing');
}

const generation = (salt: string) => Number.parseInt(salt.slice(0, 8), 16);

/** What is wrong; undefined where nothing is. In a thread: a large database takes seconds. */
async function quickCheck(file: string): Promise<string | undefined> {
  const thread = new Worker(new URL('./quick-check-thread.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    workerData: file,
  });
  if (isLarge(file)) thread.unref();
  const [{ complaint }] = (await once(thread, 'message')) as [QuickCheckMessage];
  return complaint;
}
