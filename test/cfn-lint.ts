// cfn-lint over every template in `cdk.out`. It is installed the first time.
// Argument: --install-only. Exit codes: 0 nothing found, 1 something found, 3 it cannot be installed here.

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { installTool, NotInstalled, notInstallable } from './support/python-tools.ts';

const project = join(import.meta.dirname, '..');
const templates = globSync('cdk.out/*.template.json', { cwd: project });

try {
  const program = installTool('cfn-lint', '1.58.0');
  if (process.argv.includes('--install-only')) process.exit(0);
  const { status } = spawnSync(program, ['--', ...templates], {
    cwd: project,
    stdio: 'inherit',
  });
  const clean = status === 0 && templates.length > 0;
  console.log(
    clean
      ? `cfn-lint found nothing in ${templates.length} templates`
      : `cfn-lint ended with ${status} over ${templates.length} templates; "npm run lint:templates" makes them first`,
  );
  process.exitCode = clean ? 0 : 1;
} catch (error) {
  if (!(error instanceof NotInstalled)) throw error;
  console.error(error.message);
  process.exitCode = notInstallable;
}
