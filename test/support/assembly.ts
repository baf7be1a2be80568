// The assembly of stage dev, made once before the first flow starts: none of them synthesizes it again. The run
// fails if a log had a secret.

import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesize } from '../../local/synthesize.ts';
import { failRunForSecrets } from './logs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Its folder. */
    readonly assembly: string;
  }
}

const project = join(import.meta.dirname, '..', '..');

export default async function setup({ provide }: TestProject): Promise<void> {
  failRunForSecrets();
  const folder = join(project, '.weir', 'assembly');
  provide('assembly', await synthesize({ project, stage: 'dev', folder }));
}
