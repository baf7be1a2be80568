// The thread that the Kinesis engine runs in. It goes by the twin's clock: what a record says of its arrival, and what
// a stream has forgotten by its retention, is of the time that everything else goes by.

import { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import kinesalite from 'kinesalite';
import { callEngine } from '../../core/engine-call.ts';
import { close, listen } from '../../core/http/listen.ts';
import { moveDate } from '../../core/moved-date.ts';

export type KinesisThreadSettings = {
  /** Absent: in memory. */
  readonly path: string | undefined;
  readonly clock: SharedArrayBuffer | undefined;
};
export type KinesisThreadMessage =
  | { readonly endpoint: string }
  | { readonly ended: true }
  | { readonly failure: string };

const settlePatienceMs = 2000;

const { path, clock } = workerData as KinesisThreadSettings;
if (clock !== undefined) moveDate(clock);
const server = kinesalite({
  ...(path !== undefined && { path }),
  createStreamMs: 0,
  deleteStreamMs: 0,
  updateStreamMs: 0,
  shardLimit: 500,
});
const tell = (message: KinesisThreadMessage) => parentPort?.postMessage(message);
// Errors of LevelDB lose their words on the way to another thread, which then ends this one.
process.on('uncaughtException', (error) => tell({ failure: error.message }));
const endpoint = await listen(server, 0);
tell({ endpoint });
parentPort?.once('message', async () => {
  await settle();
  await closeAll();
  tell({ ended: true });
});

/** Splits and merges go on for a moment after they were answered. */
async function settle(): Promise<void> {
  const ask = <Answer>(operation: string, input: object) =>
    callEngine<Answer>(endpoint, 'kinesis', operation, input);
  const deadlineMs = performance.now() + settlePatienceMs;
  const { StreamNames } = await ask<{ StreamNames: readonly string[] }>('ListStreams', {});
  for (const StreamName of StreamNames)
    while (performance.now() < deadlineMs) {
      type Summary = { readonly StreamDescriptionSummary: { readonly StreamStatus: string } };
      const { StreamDescriptionSummary } = await ask<Summary>('DescribeStreamSummary', { StreamName });
      if (StreamDescriptionSummary.StreamStatus === 'ACTIVE') break;
      await sleep(5);
    }
}

/**
 * Requests first: the engine's own close ends the database under those that are in flight, and that has ended whole
 * processes with a segmentation fault.
 */
async function closeAll(): Promise<void> {
  const closeDatabase = server.close.bind(server);
  server.close = Server.prototype.close;
  await close(server);
  // It then closes the server, too, which is closed: that it says so is no failure.
  await new Promise((resolve) => closeDatabase(resolve));
}
