// The file by which `weir --local` finds this twin. It is there while the twin runs.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonFile } from '@weir/twin/files';
import { isRunning, type RunningTwin, runningFileName, runningFolder } from '../cli/running-twin.ts';

let isAnnounced = false;

/** Called again when the twin restarts on other ports. */
export async function writeRunningFile(project: string, twin: RunningTwin): Promise<void> {
  const folder = runningFolder(project);
  const file = join(folder, `${twin.pid}.json`);
  await writeJsonFile(file, twin, 0o600);
  removeStaleFiles(folder);
  if (isAnnounced) return;
  isAnnounced = true;
  process.once('exit', () => rmSync(file, { force: true }));
}

/** Files of twins that were killed, and no other file. */
function removeStaleFiles(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const [, pid] = runningFileName.exec(entry.name) ?? [];
    if (entry.isFile() && pid && !isRunning(Number(pid))) rmSync(join(folder, entry.name), { force: true });
  }
}
