// The options of `npm start`.

import { parseArgs } from 'node:util';

export type Arguments = {
  readonly port: number;
  readonly memory: boolean;
  /** Put new code into the running twin as sources change. */
  readonly watch: boolean;
  readonly readyFile: string | undefined;
  /** A fault plan. */
  readonly faultsFile: string | undefined;
};

export class WrongArguments extends Error {
  override readonly name = 'WrongArguments';
  constructor(complaint: string) {
    super(
      `${complaint}\nUsage: npm start -- [--memory] [--watch] [--port N] [--faults FILE] [--ready-file FILE]`,
    );
  }
}

export const defaultPort = 8787;

export function readArguments(args: readonly string[]): Arguments {
  const { memory, watch, port, 'ready-file': readyFile, faults: faultsFile } = parse(args);
  const number = port === '' ? Number.NaN : Number(port ?? defaultPort);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new WrongArguments(`--port takes a number from 0 (any free port) to 65535, not "${port}".`);
  if (faultsFile === '') throw new WrongArguments('--faults takes the file of a fault plan.');
  return { port: number, memory, watch, readyFile, faultsFile };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        memory: { type: 'boolean', default: false },
        watch: { type: 'boolean', default: false },
        port: { type: 'string' },
        'ready-file': { type: 'string' },
        faults: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new WrongArguments((error as Error).message);
  }
}
