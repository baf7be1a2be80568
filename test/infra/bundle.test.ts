import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFunctions } from '../../lib/function/bundle.ts';
import { bundledCode } from '../../lib/function/bundled-code.ts';
import { functionVerbs } from '../../lib/function/function-code.ts';

const root = mkdtempSync(join(tmpdir(), 'weir-bundle-'));
const folders = { sources: join(root, 'lambdas'), output: join(root, 'bundles') };

beforeAll(() => {
  for (const verb of functionVerbs) {
    mkdirSync(join(folders.sources, verb), { recursive: true });
    writeFileSync(
      join(folders.sources, verb, 'handler.ts'),
      `import { sep } from 'node:path';\nexport const handler = async (): Promise<string> => '${verb}' + sep;\n`,
    );
  }
  bundleFunctions(folders);
});

afterAll(() => rmSync(root, { recursive: true }));

describe('bundling', () => {
  it.each(functionVerbs)('makes one module of %s that exports its handler', async (verb) => {
    const { handler } = await import(pathToFileURL(join(folders.output, verb, 'index.mjs')).href);

    expect(await handler()).toBe(`${verb}/`);
  });

  it('leaves the function that takes events in small enough to start fast', () => {
    const output = join(root, 'deployed');
    bundleFunctions({ output });

    expect(statSync(join(output, 'ingest', 'index.mjs')).size).toBeLessThanOrEqual(560_000);
  });

  it('lays a source map beside the code that names the sources and does not hold them', () => {
    const code = readFileSync(join(folders.output, 'ingest', 'index.mjs'), 'utf8');
    const map = JSON.parse(readFileSync(join(folders.output, 'ingest', 'index.mjs.map'), 'utf8'));

    expect(code).toContain('//# sourceMappingURL=index.mjs.map');
    expect(map.sources).toEqual([expect.stringContaining('handler.ts')]);
    expect(map).not.toHaveProperty('sourcesContent');
  });

  it('happens once, however many functions and stages ask for their code', () => {
    const code = bundledCode(folders);
    code('ingest');
    const marker = join(folders.output, 'read', 'index.mjs');
    const bundled = readFileSync(marker, 'utf8');
    writeFileSync(marker, '// bundled already');
    code('read');

    expect(readFileSync(marker, 'utf8')).toBe('// bundled already');
    writeFileSync(marker, bundled);
  });

  it('names the handler that is missing', () => {
    const incomplete = { ...folders, sources: join(root, 'nowhere') };
    // The one that is missing, because of several esbuild names no more than five.
    for (const verb of functionVerbs.filter((each) => each !== 'authorize')) {
      mkdirSync(join(incomplete.sources, verb), { recursive: true });
      writeFileSync(join(incomplete.sources, verb, 'handler.ts'), 'export const handler = () => undefined;');
    }

    expect(() => bundleFunctions(incomplete)).toThrow(/nowhere.authorize.handler\.ts/);
  });
});
