// `npm run pack:twin`: makes the package `weir-twin`, which needs no clone: the twin as JavaScript, since Node strips no
// types below node_modules, the cloud assembly of the stage dev, and the engines as dependencies. Prints its tarball.

import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { synthesize } from '../synthesize.ts';

const project = join(import.meta.dirname, '..', '..');
const made = join(project, '.weir', 'weir-twin');

/** Threads are started by the place of their file, which is beside the bundle. */
const threads: Plugin = {
  name: 'threads',
  setup: ({ onLoad }) => {
    onLoad({ filter: /twin\/src\/.*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replace(/new URL\('\.\/([\w-]+)\.ts'/g, "new URL('./$1.mjs'"),
    }));
  },
};

async function bundle(): Promise<void> {
  await build({
    absWorkingDir: project,
    entryPoints: [
      'local/package/main.ts',
      'local/package/index.ts',
      'twin/src/services/lambda/worker.ts',
      'twin/src/services/kinesis/kinesis-thread.ts',
      'twin/src/services/dynamodb/quick-check-thread.ts',
    ],
    entryNames: '[name]',
    outdir: made,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    // That of the oldest Node that imports the door of the package; the rest runs on Node 24.
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    // It has a native part.
    external: ['kinesalite'],
    plugins: [threads],
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'error',
  });
  execFileSync(
    join(project, 'node_modules', '.bin', 'tsc'),
    [
      ...['local/package/index.ts', '--ignoreConfig', '--declaration', '--emitDeclarationOnly'],
      ...['--outDir', made, '--module', 'nodenext', '--types', 'node', '--target', 'es2024'],
    ],
    { cwd: project, stdio: 'inherit' },
  );
}

type Manifest = {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
};
const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(project, folder, 'package.json'), 'utf8')) as Manifest;

function manifest() {
  const [weir, twin] = [manifestOf('.'), manifestOf('twin')];
  return {
    name: 'weir-twin',
    version: weir.version,
    description: 'Weir on your machine, as the event backend of a test suite',
    license: weir.license,
    type: 'module',
    bin: { 'weir-twin': 'weir-twin.mjs' },
    exports: { '.': { types: './index.d.ts', default: './index.mjs' } },
    engines: { node: '>=20' },
    dependencies: { kinesalite: twin.dependencies.kinesalite },
    optionalDependencies: { ...twin.optionalDependencies, ...weir.optionalDependencies },
  };
}

rmSync(made, { recursive: true, force: true });
mkdirSync(made, { recursive: true });
const assembly = await synthesize({ project, stage: 'dev', folder: join(project, '.weir', 'assembly') });
// Only the template and the code: what else synthesis writes names places of this machine, or is for people.
cpSync(assembly, join(made, 'assembly'), {
  recursive: true,
  filter: (path) => !/(\.map|metadata\.json|report\.json|tree\.json|used-by-[\d-]+)$/.test(path),
});
await bundle();
copyFileSync(join(import.meta.dirname, 'weir-twin.mjs'), join(made, 'weir-twin.mjs'));
copyFileSync(join(project, 'LICENSE'), join(made, 'LICENSE'));
copyFileSync(join(import.meta.dirname, 'README.md'), join(made, 'README.md'));
writeFileSync(join(made, 'package.json'), `${JSON.stringify(manifest(), undefined, 2)}\n`);
const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', join(project, '.weir')], {
  cwd: made,
  encoding: 'utf8',
});
console.log(join(project, '.weir', packed.trim().split('\n').at(-1) ?? ''));
