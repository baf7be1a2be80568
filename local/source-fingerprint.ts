// A fingerprint of source files, to notice changes: of paths, sizes and times, not of contents.

import { createHash } from 'node:crypto';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type Sources = { readonly folders: readonly string[]; readonly files: readonly string[] };

/** The sources of the bundles. */
export const functionSources: Sources = {
  folders: ['lambdas', 'domain', 'adapters'],
  files: ['package-lock.json', 'lib/function/bundle.ts'],
};
/** The sources of the template, apart from the bundles. */
export const templateSources: Sources = {
  folders: ['bin', 'lib', 'domain', 'lambdas/runtime'],
  files: ['cdk.json', 'package-lock.json'],
};

export function fingerprint(project: string, ...sources: readonly Sources[]): string {
  const hash = createHash('sha256').update(`${process.version}\n`);
  const paths = sources.flatMap(({ folders, files }) => [
    ...files,
    ...folders.flatMap((folder) => globSync(`${folder}/**/*`, { cwd: project })),
  ]);
  for (const path of new Set(paths.sort())) {
    // A file may be deleted meanwhile.
    const stats = statSync(join(project, path), { throwIfNoEntry: false });
    if (stats?.isFile()) hash.update(`${path} ${stats.size} ${stats.mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
