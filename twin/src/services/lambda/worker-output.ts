// Inside a worker: what is printed is in the log before the next statement runs. A worker's own output is passed on
// only when its event loop turns, and is lost with a thread that is ended in a loop.

import { appendFileSync, openSync } from 'node:fs';

export function printTo(path: string, lost: (problem: string) => void): void {
  // Closed with the thread, as all that it has opened.
  let descriptor: number | undefined;
  const append = (chunk: Buffer) => {
    try {
      descriptor ??= openSync(path, 'a');
      appendFileSync(descriptor, chunk);
    } catch (error) {
      lost((error as Error).message);
    }
  };
  // The streams themselves stay: Node.js knows a worker's by more than what a stream can do.
  for (const output of [process.stdout, process.stderr])
    Object.assign(output, {
      _write(chunk: string | Buffer, encoding: BufferEncoding, done: () => void) {
        append(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
        done();
      },
      _writev: undefined,
    });
}
