// Redocly's rules over the OpenAPI document. It is fetched by npx, because its dependencies are many and nothing else needs
// them. Argument: --install-only. Exit codes: 0 nothing found, 1 something found, 3 it cannot be fetched here.

import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { notInstallable } from '../support/python-tools.ts';

const version = '2.77.0';
const document = join(import.meta.dirname, '..', '..', 'lambdas', 'openapi', 'openapi.json');

/** Without its greeting, its news and its statistics. */
const environment = {
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`,
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
};
const redocly = (...args: readonly string[]) =>
  spawnSync('npx', ['--yes', `@redocly/cli@${version}`, ...args], {
    // npm reads the package.json and the lockfile of the folder that it is in.
    cwd: import.meta.dirname,
    env: environment,
    encoding: 'utf8',
  });

const fetched = redocly('--version');
if (fetched.stdout?.trim() !== version) {
  const why = fetched.error?.message ?? fetched.stderr;
  const isOffline = /ENOENT|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|E403|network/.test(why);
  console.error(`@redocly/cli ${version} cannot be fetched. It needs npm and its registry.\n${why}`);
  process.exit(isOffline ? notInstallable : 1);
}
if (!process.argv.includes('--install-only')) {
  const { status, stdout, stderr } = redocly('lint', document, '--extends', 'recommended-strict');
  console.log(`${stdout}${stderr}`.trim());
  process.exitCode = status === 0 ? 0 : 1;
}
