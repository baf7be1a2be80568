// Small JSON files, written atomically: after a kill there is the old file or the new one, never half of one.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DamagedData } from './unusable-data.ts';

let writes = 0;

export async function writeJsonFile(path: string, value: unknown, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  writes += 1;
  const temporary = `${path}.${process.pid}.${writes}.new`;
  await writeFile(temporary, `${JSON.stringify(value, undefined, 2)}\n`, { mode });
  await rename(temporary, path);
}

/** Undefined where there is no such file. */
export async function readJsonFile(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DamagedData(path, 'it is not JSON', { cause });
  }
}
