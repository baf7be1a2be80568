// Tells whether anything that synthesis reads has changed since the last one: paths, sizes and times, no contents.

import { createHash } from 'node:crypto';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const sources = ['bin', 'lib', 'lambdas', 'domain', 'adapters'];
const files = ['cdk.json', 'package-lock.json'];

export function fingerprint(project: string, stage: string): string {
  const hash = createHash('sha256').update(`${stage}\n${process.version}\n`);
  const paths = [
    ...files,
    ...sources.flatMap((folder) => globSync(`${folder}/**/*`, { cwd: project })),
  ].sort();
  for (const path of paths) {
    if (!existsSync(join(project, path))) continue;
    const stats = statSync(join(project, path));
    if (stats.isFile()) hash.update(`${path} ${stats.size} ${stats.mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
