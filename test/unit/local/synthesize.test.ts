import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { synthesize, useAssembly } from '../../../local/synthesize.ts';

const projects: string[] = [];
afterAll(() => {
  for (const folder of projects) rmSync(folder, { recursive: true });
});

function project(app: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-synthesize-'));
  projects.push(folder);
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ app: 'node bin/app.mjs', context: { a: 1 } }));
  writeFileSync(join(folder, 'bin', 'app.mjs'), app);
  return folder;
}

const manifest = `'${JSON.stringify({
  artifacts: { stack: { type: 'aws:cloudformation:stack', properties: { templateFile: 'stack.json' } } },
})}'`;

it('synthesizes with the stage in the context, and again only where a source has changed', async () => {
  const folder = project(`
    import { mkdirSync, writeFileSync } from 'node:fs';
    const { CDK_OUTDIR, CDK_CONTEXT_JSON } = process.env;
    mkdirSync(CDK_OUTDIR, { recursive: true });
    writeFileSync(CDK_OUTDIR + '/stack.json', JSON.stringify({ Resources: {}, context: JSON.parse(CDK_CONTEXT_JSON) }));
    writeFileSync(CDK_OUTDIR + '/manifest.json', ${manifest});
    writeFileSync('runs', '.', { flag: 'a' });`);
  const onSynthesis = vi.fn();
  const options = { project: folder, stage: 'dev', folder: join(folder, 'out'), onSynthesis };

  const first = await synthesize(options);
  expect(onSynthesis).toHaveBeenCalledTimes(1);
  const again = await synthesize(options);
  expect(onSynthesis).toHaveBeenCalledTimes(1);
  utimesSync(join(folder, 'bin', 'app.mjs'), 1, 1);
  const changed = await synthesize(options);

  expect(JSON.parse(readFileSync(join(first, 'stack.json'), 'utf8')).context).toEqual({ a: 1, stage: 'dev' });
  expect(again).toBe(first);
  expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('..');
  expect(changed).not.toBe(first);
  expect(readdirSync(options.folder)).toHaveLength(2);
});

it('forgets old assemblies, but none that is in use', async () => {
  const folder = project(`
    import { mkdirSync, writeFileSync } from 'node:fs';
    mkdirSync(process.env.CDK_OUTDIR, { recursive: true });
    writeFileSync(process.env.CDK_OUTDIR + '/stack.json', '{"Resources":{}}');
    writeFileSync(process.env.CDK_OUTDIR + '/manifest.json', ${manifest});`);
  const changed = async (version: number) => {
    utimesSync(join(folder, 'bin', 'app.mjs'), version, version);
    const assembly = await synthesize({ project: folder, stage: 'dev', folder: join(folder, 'out') });
    utimesSync(assembly, version, version);
    return assembly;
  };

  const used = await changed(1);
  useAssembly(used);
  const given = await changed(2);
  useAssembly(given);
  useAssembly(given)();
  const released = await changed(3);
  useAssembly(released)();
  const killed = await changed(4);
  // No process has this id.
  writeFileSync(join(killed, 'used-by-2000000000-1'), '');
  // Marks are changes of a folder too.
  for (const assembly of [used, given, released, killed]) utimesSync(assembly, 1, 1);
  for (let version = 5; version < 10; version += 1) await changed(version);

  expect([used, given, released, killed].map(existsSync)).toEqual([true, true, false, false]);
});

it('calls a full disk a full disk', async () => {
  const folder = project("throw new Error('ENOSPC: no space left on device');");

  await expect(synthesize({ project: folder, stage: 'dev', folder: join(folder, 'out') })).rejects.toThrow(
    /^The disk is full\. .*"node bin\/app\.mjs" failed for stage dev:\n/,
  );
});

it('passes on what the app complains about', async () => {
  const folder = project("console.error('Stage dev is not valid'); process.exit(1);");

  await expect(synthesize({ project: folder, stage: 'dev', folder: join(folder, 'out') })).rejects.toThrow(
    /"node bin\/app\.mjs" failed for stage dev:\nStage dev is not valid/,
  );
});
