// What `npm pack` packs, in a project that knows nothing of this repository.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** Of the main entry, minified, after gzip. */
const maxGzippedBytes = 5 * 1024;

let folder = '';
const installed = () => join(folder, 'project', 'node_modules', '@weir', 'client');

function run(command: string, args: readonly string[], cwd: string): string {
  const env = { PATH: process.env.PATH, HOME: folder };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-pack-'));
  // Packed from a copy, so that nothing of this folder changes.
  const copy = join(folder, 'client');
  cpSync('client', copy, { recursive: true, filter: (from) => !/client\/(dist|node_modules)/.test(from) });
  cpSync('tsconfig.json', join(folder, 'tsconfig.json'));
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
  for (const types of ['node', '../undici-types'])
    cpSync(resolve('node_modules/@types', types), join(folder, 'node_modules/@types', types), {
      recursive: true,
    });
  run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', '.'], copy);
  run('npm', ['pack', '--ignore-scripts', '--offline', '--pack-destination', folder], copy);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  mkdirSync(installed(), { recursive: true });
  run('tar', ['-xzf', join(folder, tarball), '--strip-components=1', '-C', installed()], folder);
  const project = join(folder, 'project');
  writeFileSync(join(project, 'package.json'), '{"name":"foreign","type":"module"}');
  writeFileSync(
    join(project, 'use.ts'),
    `import { Weir, WeirError, type Dropped, type Summary } from '@weir/client';
import { fileQueue } from '@weir/client/file-queue';

const lost: Dropped[] = [];
const weir = new Weir({
  url: 'http://127.0.0.1:9', key: 'k', store: fileQueue('queue'), retryBaseMs: 1, onDropped: (each) => lost.push(each),
});
weir.track({ type: 'order', value: 12.5, timestamp: new Date(), metadata: { plan: 'pro' } });
// @ts-expect-error an event has no field of this name
weir.track({ tpye: 'order' });
const { waiting }: { waiting: number } = await weir.close({ timeoutMs: 50 });
const read = async (): Promise<Summary> => weir.summary({ window: '1h' });
const first = async () => {
  for await (const { event_id } of weir.search({ type: 'order', 'metadata.plan': 'pro' })) return event_id;
};
console.log(JSON.stringify({ waiting, lost: lost.length, is: WeirError.name, of: [typeof read, typeof first] }));
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

it('it refers to nothing outside of itself, and packs nothing but what is built', () => {
  const { dependencies } = JSON.parse(readFileSync(join(installed(), 'package.json'), 'utf8'));
  const files = readdirSync(installed(), { recursive: true }).map(String).toSorted();

  expect(dependencies).toBeUndefined();
  expect(
    files.filter((file) => !/^(dist|README\.md|package\.json|dist\/[a-z-]+\.(d\.ts|js))$/.test(file)),
  ).toEqual([]);
  const imports = files
    .filter((file) => /\.(ts|js)$/.test(file))
    .flatMap((file) => [...readFileSync(join(installed(), file), 'utf8').matchAll(/from '([^']+)'/g)])
    .map(([, from = '']) => from);
  expect(imports.filter((from) => !/^(\.\/[a-z-]+\.(js|ts)|node:[a-z/]+)$/.test(from))).toEqual([]);
});

it.each(['nodenext', 'bundler'])('its types are strict, resolved as %s', (moduleResolution) => {
  const project = join(folder, 'project');
  const module = moduleResolution === 'bundler' ? 'esnext' : moduleResolution;
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const options = ['--ignoreConfig', '--strict', '--noEmit', '--target', 'es2022', '--module', module];
  // The types of a page are enough: no types of Node are installed.
  const lib = ['--lib', 'es2022,dom,dom.iterable,dom.asynciterable', '--types', ''];

  run(process.execPath, [tsc, ...options, '--moduleResolution', moduleResolution, ...lib, 'use.ts'], project);
});

it('it runs under the Node of the shell, and keeps on disk what it could not send', () => {
  const project = join(folder, 'project');
  const script = readFileSync(join(project, 'use.ts'), 'utf8')
    .replaceAll(/, type \w+/g, '')
    .replaceAll(/: (Dropped\[\]|\{ waiting: number \}|Promise<Summary>)/g, '');
  writeFileSync(join(project, 'use.js'), script);

  const printed = JSON.parse(run('node', ['use.js'], project));

  expect(printed).toEqual({ waiting: 0, lost: 0, is: 'WeirError', of: ['function', 'function'] });
  expect(readdirSync(join(project, 'queue')).filter((name) => name.endsWith('.batch.json'))).toHaveLength(1);
});

it('it bundles for a browser without a warning, and is small', async () => {
  const { outputFiles, warnings } = await build({
    stdin: { contents: "export * from '@weir/client';", resolveDir: join(folder, 'project') },
    ...{ bundle: true, minify: true, write: false, format: 'esm', platform: 'browser', target: 'es2022' },
  });

  expect(warnings).toEqual([]);
  const [{ contents } = { contents: new Uint8Array() }] = outputFiles;
  const bytes = { minified: contents.length, gzipped: gzipSync(contents).length };
  expect(bytes.gzipped, JSON.stringify(bytes)).toBeLessThan(maxGzippedBytes);
  expect(bytes.gzipped, JSON.stringify(bytes)).toBeGreaterThan(1024);
});
