// The thread that the Kinesis engine runs in. It goes by the twin's clock: what a record says of its arrival, and what
// a stream has forgotten by its retention, is of the time that everything else goes by.

import { parentPort, workerData } from 'node:worker_threads';
import kinesalite from 'kinesalite';
import { close, listen } from '../http/listen.ts';
import { moveDate } from '../moved-date.ts';

export type KinesisThreadSettings = {
  /** Absent: in memory. */
  readonly path: string | undefined;
  readonly clock: SharedArrayBuffer | undefined;
};
export type KinesisThreadMessage = { readonly endpoint: string } | { readonly ended: true };

/** Its sequence numbers have no room for the seconds of later times. */
const latestMs = Date.UTC(2400, 0, 1);

const { path, clock } = workerData as KinesisThreadSettings;
if (clock !== undefined) moveDate(clock, latestMs);
const server = kinesalite({
  ...(path !== undefined && { path }),
  createStreamMs: 0,
  deleteStreamMs: 0,
  updateStreamMs: 0,
  shardLimit: 500,
});
const tell = (message: KinesisThreadMessage) => parentPort?.postMessage(message);
tell({ endpoint: await listen(server, 0) });
parentPort?.once('message', async () => {
  await close(server);
  tell({ ended: true });
});
