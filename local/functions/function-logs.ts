// What functions print, one file a function, appended.

import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export type FunctionLogs = {
  of(verb: string): (output: Readable) => void;
  end(): Promise<void>;
};

export function createFunctionLogs(folder: string): FunctionLogs {
  const files = new Map<string, WriteStream>();
  mkdirSync(folder, { recursive: true });
  const fileOf = (verb: string) => {
    const file = files.get(verb) ?? createWriteStream(join(folder, `${verb}.log`), { flags: 'a' });
    // Each environment adds its two streams; they are ours and come and go.
    file.setMaxListeners(0);
    files.set(verb, file);
    return file;
  };
  return {
    of: (verb) => (output) => {
      const file = fileOf(verb);
      output.on('data', (chunk: Buffer) => file.write(chunk));
    },
    end: async () => {
      await Promise.all([...files.values()].map((file) => new Promise((resolve) => file.end(resolve))));
    },
  };
}
