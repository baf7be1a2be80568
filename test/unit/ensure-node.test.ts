import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const brought = `node-${process.platform}-${process.arch}/bin/node`;
let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'weir-node-'));
  mkdirSync(join(project, 'bin'));
  cpSync('bin/ensure-node.mjs', join(project, 'bin', 'ensure-node.mjs'));
});
afterEach(() => rmSync(project, { recursive: true }));

/** As if the system's own Node were this version. */
function ensureNode(version: string) {
  const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`;
  return spawnSync(process.execPath, ['--import', pretend, join(project, 'bin', 'ensure-node.mjs')], {
    encoding: 'utf8',
  });
}
function bring(script: string) {
  const program = join(project, 'node_modules', brought);
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(program, script);
  chmodSync(program, 0o755);
}

it('links the Node that was brought where an older one would run the scripts', () => {
  bring('#!/bin/sh\nexit 0\n');

  expect(ensureNode('20.20.2')).toMatchObject({ status: 0, stderr: '' });
  expect(readlinkSync(join(project, 'node_modules', '.bin', 'node'))).toBe(`../${brought}`);
});

it.each([
  ['there is none', () => {}],
  ['the one that was brought does not run here', () => bring('#!/bin/sh\nexit 127\n')],
])('says what to do where %s', (_, arrange) => {
  arrange();

  const { status, stderr } = ensureNode('20.20.2');

  expect(status).toBe(1);
  expect(stderr).toMatch(/runs on Node 24 or newer; this is 20\.20\.2[\s\S]*npm ci/);
});

it('does nothing where Node is new enough', () => {
  expect(ensureNode('24.0.0')).toMatchObject({ status: 0, stdout: '', stderr: '' });
});
