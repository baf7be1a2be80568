// `npm start`: runs the twin on the sources of this clone.

import { join } from 'node:path';
import { run } from './run.ts';

run({ project: join(import.meta.dirname, '..'), script: import.meta.filename });
