// `npm run emulator`: runs MiniStack without Docker, on 127.0.0.1 only, until it is stopped. The first run installs it.
// Arguments: --port 4566, --install-only. Exit codes: 0 stopped, 1 it ended by itself, 2 wrong arguments, 3 it cannot be
// installed here.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { installTool, NotInstalled, notInstallable } from '../support/python-tools.ts';

/** The version that the suite is tested with; the same as in compose.yaml. */
const version = '1.5.33';

function start(program: string, port: string): void {
  // MiniStack leaves the code of the functions in its temporary folder.
  const temporary = mkdtempSync(join(tmpdir(), 'weir-emulator-'));
  const child = spawn(program, [], {
    stdio: 'inherit',
    env: {
      ...process.env,
      // The default is every interface.
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: port,
      TMPDIR: temporary,
      // MiniStack runs functions on the first `node` of the PATH: this one has the version of the deployed functions.
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`,
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill('SIGTERM'));
  child.once('exit', (code, signal) => {
    rmSync(temporary, { recursive: true, force: true });
    process.exitCode = code === 0 || signal === 'SIGTERM' ? 0 : 1;
  });
  console.log(`MiniStack ${version} on http://127.0.0.1:${port}. In another terminal:`);
  console.log(`  AWS_ENDPOINT_URL=http://127.0.0.1:${port} npm run test:emulator`);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '4566' },
        'install-only': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

const { port, 'install-only': installOnly } = readArguments();
try {
  const program = installTool('ministack', version);
  if (!installOnly) start(program, port);
} catch (error) {
  if (!(error instanceof NotInstalled)) throw error;
  console.error(error.message);
  process.exitCode = notInstallable;
}
