// Tells whether sources have changed since they were last looked at: paths, sizes and times, no contents.

import { createHash } from 'node:crypto';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type Sources = { readonly folders: readonly string[]; readonly files: readonly string[] };

/** What the bundles are made of. */
export const functionSources: Sources = {
  folders: ['lambdas', 'domain', 'adapters'],
  files: ['package-lock.json', 'lib/function/bundle.ts'],
};
/** What the template is made of, apart from the bundles. */
export const templateSources: Sources = {
  folders: ['bin', 'lib', 'domain', 'lambdas/shared'],
  files: ['cdk.json', 'package-lock.json'],
};

export function fingerprint(project: string, ...sources: readonly Sources[]): string {
  const hash = createHash('sha256').update(`${process.version}\n`);
  const paths = sources.flatMap(({ folders, files }) => [
    ...files,
    ...folders.flatMap((folder) => globSync(`${folder}/**/*`, { cwd: project })),
  ]);
  for (const path of new Set(paths.sort())) {
    // A file may go while we look.
    const stats = statSync(join(project, path), { throwIfNoEntry: false });
    if (stats?.isFile()) hash.update(`${path} ${stats.size} ${stats.mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
