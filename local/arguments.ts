// The options of `npm start`.

import { parseArgs } from 'node:util';

export type Arguments = {
  readonly port: number;
  readonly memory: boolean;
  /** Put new code into the running twin as sources change. */
  readonly watch: boolean;
  /** Gets the address and the accounts when the twin is ready. */
  readonly readyFile: string | undefined;
  /** Holds a fault plan. */
  readonly faultsFile: string | undefined;
};

const usage = 'Usage: npm start --';

export const defaultPort = 8787;

export const help = `${usage} [options]

Runs the platform on this machine until Ctrl-C stops it.

Options:
  --memory           keep no data; beside another twin it needs another port, too: --memory --port 0
  --watch            follow the sources, as npm run dev does
  --port N           the port of the API (${defaultPort}); 0 is any free port
  --faults FILE      make services fail by a fault plan; see docs/operate/offline-twin.md
  --ready-file FILE  write the address and the accounts there, as JSON, when the platform is ready
  -h, --help         print this

Exit codes: 0 stopped, 1 failed, 2 wrong arguments or an invalid fault plan.`;

export class WrongArguments extends Error {
  override readonly name = 'WrongArguments';
  constructor(complaint: string) {
    super(
      `${complaint}\n${usage} [--memory] [--watch] [--port N] [--faults FILE] [--ready-file FILE]\n--help explains them: npm start -- --help`,
    );
  }
}

export function readArguments(args: readonly string[]): Arguments | 'help' {
  const { help: isHelp, memory, watch, port, 'ready-file': readyFile, faults: faultsFile } = parse(args);
  if (isHelp) return 'help';
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
        help: { type: 'boolean', short: 'h', default: false },
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
