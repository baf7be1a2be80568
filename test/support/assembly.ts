// The assembly of stage dev, made once before the first flow starts: none of them synthesizes it again.

import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesize } from '../../local/synthesize.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Its folder. */
    readonly assembly: string;
  }
}

const project = join(import.meta.dirname, '..', '..');

export default async function setup({ provide }: TestProject): Promise<void> {
  const folder = join(project, '.weir', 'assembly');
  provide('assembly', await synthesize({ project, stage: 'dev', folder }));
}
