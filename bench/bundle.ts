// The time of bundling: one call of esbuild for all functions, against the CDK's construct, which starts a bundler for
// each. Both in the same run; the first run of each is cold.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { functionVerbs } from '../domain/system/stage-names.ts';
import { bundleFunctions } from '../lib/function/bundle.ts';

const project = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'weir-bundle-'));
process.env.PATH = `${join(project, 'node_modules', '.bin')}:${process.env.PATH}`;

function seconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

const together = () => bundleFunctions({ output: join(folder, 'together') });
const separately = () => {
  const stack = new Stack(new App({ outdir: mkdtempSync(join(folder, 'app-')) }), 'Bench');
  for (const verb of functionVerbs) {
    new NodejsFunction(stack, verb, {
      entry: join(project, 'lambdas', verb, 'handler.ts'),
      projectRoot: project,
      depsLockFilePath: join(project, 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      bundling: {
        format: OutputFormat.ESM,
        minify: true,
        sourceMap: true,
        externalModules: [],
        mainFields: ['module', 'main'],
      },
    });
  }
};

const rows = [1, 2].map((run) => ({ run, together: seconds(together), separately: seconds(separately) }));
console.table(
  rows.map((row) => ({
    run: row.run,
    'one call, s': row.together.toFixed(2),
    'a bundler each, s': row.separately.toFixed(2),
    ratio: `${(row.separately / row.together).toFixed(1)}x`,
  })),
);
rmSync(folder, { recursive: true });
