// `npx weir-twin`: runs the twin on what the package holds. The bundle of this file lies beside the cloud assembly.

import { join } from 'node:path';
import { run } from '../run.ts';

run({
  project: process.cwd(),
  script: import.meta.filename,
  packaged: { assembly: join(import.meta.dirname, 'assembly'), usage: 'npx weir-twin' },
});
