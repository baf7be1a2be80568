import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { workTimeouts } from '../../../adapters/aws/client-options.ts';
import { type FunctionVerb, functionVerbs } from '../../../domain/system/stage-names.ts';
import { bundleFunctions, bundling } from '../../../lib/function/bundle.ts';
import { bundledCode } from '../../../lib/function/bundled-code.ts';

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

  it('writes a source map that names the sources and does not contain them', () => {
    const code = readFileSync(join(folders.output, 'ingest', 'index.mjs'), 'utf8');
    const map = JSON.parse(readFileSync(join(folders.output, 'ingest', 'index.mjs.map'), 'utf8'));

    expect(code).toContain('//# sourceMappingURL=index.mjs.map');
    expect(map.sources).toEqual([expect.stringContaining('handler.ts')]);
    expect(map).not.toHaveProperty('sourcesContent');
  });

  it('puts the OpenAPI document beside the code of read, as small as it gets', () => {
    const document = readFileSync('lambdas/openapi/openapi.json', 'utf8');
    const bundled = readFileSync(join(folders.output, 'read', 'openapi.json'), 'utf8');

    expect(JSON.parse(bundled)).toEqual(JSON.parse(document));
    expect(bundled).not.toContain('\n');
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
    // Only one is missing, because esbuild names at most five.
    for (const verb of functionVerbs.filter((each) => each !== 'authorize')) {
      mkdirSync(join(incomplete.sources, verb), { recursive: true });
      writeFileSync(join(incomplete.sources, verb, 'handler.ts'), 'export const handler = () => undefined;');
    }

    expect(() => bundleFunctions(incomplete)).toThrow(/nowhere.authorize.handler\.ts/);
  });
});

/** In bytes, without the source map. What a function does at its start grows with what it loads. */
const mostBytes: Readonly<Record<FunctionVerb, number>> = {
  authorize: 233_500,
  // With the doors of other clients.
  ingest: 392_000,
  consume: 527_600,
  'consume-late': 527_600,
  'consume-priority': 527_600,
  manage: 420_500,
  measure: 232_000,
  read: 369_000,
  report: 303_000,
  review: 545_000,
  settle: 526_000,
  tally: 250_000,
  announce: 250_000,
  probe: 260_000,
};

describe('the bundles that are deployed', () => {
  const output = join(root, 'deployed');
  beforeAll(() => bundleFunctions({ output }));

  it.each(functionVerbs)('hold little enough of %s for it to start fast', (verb) => {
    const { size } = statSync(join(output, verb, 'index.mjs'));

    expect(
      size,
      `The bundle of ${verb} has ${size} bytes, more than its limit. Look with esbuild's metafile for what came in: ` +
        'a new dependency, `zod` where `zod/mini` would do, or a part of the AWS SDK that an alias in ' +
        'lib/function/bundle.ts left out before an update. Raise the limit only for what the function needs, and ' +
        'measure its start (npm run bench:ingest).',
    ).toBeLessThanOrEqual(mostBytes[verb]);
  });
});

describe('the credentials of what is bundled', () => {
  let records: { put(name: string, data: Uint8Array): Promise<void> };
  let signedBy: string | undefined;
  const server = createServer((request, response) => {
    signedBy = request.headers.authorization;
    request.resume().on('end', () => response.end());
  });

  beforeAll(async () => {
    const outfile = join(root, 'failed-records.mjs');
    buildSync({ ...bundling, entryPoints: ['adapters/quarantine/s3-failed-records.ts'], outfile });
    const { S3FailedRecords } = await import(pathToFileURL(outfile).href);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    records = new S3FailedRecords({
      bucket: 'failed-records',
      timeouts: workTimeouts,
      connection: { endpoint, region: 'us-east-1' },
    });
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => server.close());

  it('are those of the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'OFTHEROLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');

    await records.put('a', new Uint8Array(1));

    expect(signedBy).toContain('Credential=OFTHEROLE/');
  });

  it('are none where the environment has none: a transient error names the variables', async () => {
    const file = join(root, 'credentials');
    writeFileSync(file, '[default]\naws_access_key_id = OFAFILE\naws_secret_access_key = secret\n');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);

    await expect(records.put('a', new Uint8Array(1))).rejects.toMatchObject({
      name: 'BucketUnavailable',
      cause: {
        name: 'CredentialsProviderError',
        message: expect.stringContaining('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set'),
      },
    });
  });
});
