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

const usualUsage = 'npm start --';

export const defaultPort = 8787;

const watchLine = '  --watch            follow the sources, as npm run dev does\n';

/** A package has no sources to follow. */
const isPackaged = (usage: string) => usage !== usualUsage;

export const helpOf = (usage = usualUsage): string => `Usage: ${usage} [options]

Runs the platform on this machine until Ctrl-C stops it.

Options:
  --memory           keep no data; beside another twin it needs another port, too: --memory --port 0
${isPackaged(usage) ? '' : watchLine}  --port N           the port of the API (${defaultPort}); 0 is any free port
  --faults FILE      make services fail by a fault plan
  --ready-file FILE  write the address and the accounts there, as JSON, when the platform is ready
  -h, --help         print this

Exit codes: 0 stopped, 1 failed, 2 wrong arguments or an invalid fault plan.`;

export class WrongArguments extends Error {
  override readonly name = 'WrongArguments';
  constructor(complaint: string, usage = usualUsage) {
    super(
      `${complaint}\nUsage: ${usage} [--memory]${isPackaged(usage) ? '' : ' [--watch]'} [--port N] [--faults FILE] [--ready-file FILE]\n--help explains them: ${usage} --help`,
    );
  }
}

export function readArguments(args: readonly string[], usage = usualUsage): Arguments | 'help' {
  const {
    help: isHelp,
    memory,
    watch,
    port,
    'ready-file': readyFile,
    faults: faultsFile,
  } = parse(args, usage);
  if (isHelp) return 'help';
  const number = port === '' ? Number.NaN : Number(port ?? defaultPort);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new WrongArguments(`--port takes a number from 0 (any free port) to 65535, not "${port}".`, usage);
  if (faultsFile === '') throw new WrongArguments('--faults takes the file of a fault plan.', usage);
  if (watch && isPackaged(usage)) throw new WrongArguments('--watch needs the sources of a clone.', usage);
  return { port: number, memory, watch, readyFile, faultsFile };
}

function parse(args: readonly string[], usage: string) {
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
    throw new WrongArguments((error as Error).message, usage);
  }
}
