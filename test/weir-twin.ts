// Installs the package weir-twin from its tarball into an empty folder, as a project does, and runs it by npx. Exit code 3:
// the registry cannot be reached. With --install-only it does not run it.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const folder = resolve('.weir', 'weir-twin-installed');
const readyFile = join(folder, 'ready.json');
const patienceMs = 30_000;

function install(): void {
  const tarball = execFileSync(process.execPath, ['local/package/pack.ts'], { encoding: 'utf8' }).trim();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', tarball], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status === 0) return;
  console.error(stderr);
  process.exit(/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENETUNREACH/.test(stderr) ? 3 : 1);
}

async function runIt(): Promise<void> {
  const startedMs = performance.now();
  const child = spawn('npx', ['weir-twin', '--memory', '--port', '0', '--ready-file', readyFile], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const ended = new Promise((end) => child.once('exit', end));
  try {
    while (!existsSync(readyFile)) {
      if (performance.now() - startedMs > patienceMs) throw new Error('It did not start.');
      await sleep(20);
    }
    const { url, accounts } = JSON.parse(readFileSync(readyFile, 'utf8'));
    const { status } = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'x-api-key': accounts[0].api_key, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'hello' }),
    });
    if (status !== 202) throw new Error(`The first event was answered ${status}.`);
    console.log(`npx weir-twin: first 202 after ${Math.round(performance.now() - startedMs)} ms`);
  } finally {
    // npx and what it started.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
    rmSync(readyFile, { force: true });
  }
}

if (process.argv.includes('--install-only')) install();
else await runIt();
