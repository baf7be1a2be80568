// Bundles every function in one call of esbuild, once a process, however many stages are synthesized. A construct
// that bundles by itself (NodejsFunction) starts a bundler for each function.
// The bundle is what runs: the SDK is inside, so that a function does not change when its runtime does.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';
import { type FunctionVerb, functionVerbs } from '../../domain/system/stage-names.ts';

const projectDirectory = join(import.meta.dirname, '..', '..');

const defaultSources = join(projectDirectory, 'lambdas');

const adapter = (name: string) => join(projectDirectory, 'adapters', 'aws', name);

export const bundling = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  // What the SDK imports and a function never uses: a third of its code. test/infra/function/bundle.test.ts holds the sizes.
  alias: {
    '@aws-sdk/credential-provider-node': adapter('environment-credentials.ts'),
    '@aws-sdk/endpoint-cache': adapter('left-out-of-bundles.ts'),
    '@smithy/core/event-streams': adapter('left-out-of-bundles.ts'),
  },
  minify: true,
  // What esbuild has to say is in the error that it throws.
  logLevel: 'silent',
} as const satisfies BuildOptions;

export type BundleFolders = {
  /** Holds `<verb>/handler.ts`. */
  readonly sources?: string;
  /** Receives `<verb>/index.mjs` and its source map. */
  readonly output: string;
};

/** What a function reads beside its code: JSON, by its place in the project. */
const filesBeside: readonly {
  readonly verb: FunctionVerb;
  readonly name: string;
  readonly source: string;
}[] = [{ verb: 'read', name: 'openapi.json', source: 'lambdas/openapi/openapi.json' }];

/** Throws what esbuild says where a handler is missing or does not compile. */
export function bundleFunctions({ sources = defaultSources, output }: BundleFolders): void {
  buildSync({
    absWorkingDir: projectDirectory,
    entryPoints: functionVerbs.map((verb) => ({
      in: join(sources, verb, 'handler.ts'),
      out: join(verb, 'index'),
    })),
    outdir: output,
    outExtension: { '.js': '.mjs' },
    ...bundling,
    // The map lies beside the code for readable stack traces; it names the sources and does not hold them.
    sourcemap: 'linked',
    sourcesContent: false,
  });
  for (const { verb, name, source } of filesBeside) {
    // Without the indentation for people.
    const json: unknown = JSON.parse(readFileSync(join(projectDirectory, source), 'utf8'));
    writeFileSync(join(output, verb, name), JSON.stringify(json));
  }
}
