// SQLite's own check of a database, in a thread. It reads only: whoever opens it to write would begin to repair it.

import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

export type QuickCheckMessage = { readonly complaint: string | undefined };

parentPort?.postMessage({ complaint: check(workerData as string) } satisfies QuickCheckMessage);

function check(file: string): string | undefined {
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    const [row] = database.prepare('PRAGMA quick_check(1)').all();
    database.close();
    return row?.quick_check === 'ok' ? undefined : String(row?.quick_check).replaceAll('\n', ' ');
  } catch (error) {
    return (error as Error).message;
  }
}
