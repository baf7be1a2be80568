import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { findRunningTwin, runningFolder } from '../../../cli/running-twin.ts';
import { writeRunningFile } from '../../../local/running-file.ts';

const project = mkdtempSync(join(tmpdir(), 'weir-file-'));
afterAll(() => rmSync(project, { recursive: true }));

const twin = { url: 'http://127.0.0.1:1', endpoint: 'http://127.0.0.1:2', stage: 'dev', pid: process.pid };
const file = (name: string) => join(runningFolder(project), name);

it('leaves a file for its owner alone, and removes those of twins that were killed', async () => {
  writeFileSync(join(project, 'cdk.json'), '{}');
  mkdirSync(runningFolder(project), { recursive: true });
  // No process has the first id; the parent of this one runs.
  const [dead, running] = [file(`${2 ** 30}.json`), file(`${process.ppid}.json`)];
  for (const other of [dead, running]) writeFileSync(other, '{}');

  await writeRunningFile(project, twin);

  expect(statSync(file(`${process.pid}.json`)).mode & 0o777).toBe(0o600);
  expect([existsSync(dead), existsSync(running)]).toEqual([false, true]);
  expect(findRunningTwin(project)).toEqual(twin);
});

it('names the new ports of a twin that has started anew', async () => {
  await writeRunningFile(project, { ...twin, endpoint: 'http://127.0.0.1:3' });

  expect(findRunningTwin(project).endpoint).toBe('http://127.0.0.1:3');
});

it('touches no file that it did not make, nor a folder', async () => {
  const notes = file('1073741824.txt');
  const folder = file('1073741824.json');
  writeFileSync(notes, 'kept');
  mkdirSync(folder);

  await writeRunningFile(project, twin);

  expect([existsSync(notes), existsSync(folder)]).toEqual([true, true]);
});

it('is not taken for that of a process that got the pid of a killed twin', async () => {
  const other = spawn('sleep', ['30']);
  onTestFinished(() => void other.kill());
  const stale = { ...twin, pid: other.pid ?? 0, script: '/weir/local/main.ts' };
  writeFileSync(file(`${other.pid}.json`), JSON.stringify(stale));

  expect(findRunningTwin(project).pid).toBe(process.pid);
});
