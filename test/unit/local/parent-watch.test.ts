// A platform that npm started ends with npm, also if npm has ended before the platform looks for it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-parent-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string) => join(folder, name);
const platform = file('platform.mjs');
writeFileSync(
  platform,
  `import { existsSync, writeFileSync } from 'node:fs';
import { onceNpmIsGone } from ${JSON.stringify(resolve('local/parent-watch.ts'))};
const say = (what) => { writeFileSync(${JSON.stringify(file('said'))}, what); process.exit(); };
writeFileSync(${JSON.stringify(file('loaded'))}, '');
const whenToldTo = setInterval(() => {
  if (!existsSync(${JSON.stringify(file('look'))})) return;
  clearInterval(whenToldTo);
  let isAtOnce = true;
  onceNpmIsGone(import.meta.filename, () => say(isAtOnce ? 'gone at once' : 'gone'));
  isAtOnce = false;
  writeFileSync(${JSON.stringify(file('watching'))}, '');
}, 10);
setTimeout(() => say('there'), 10_000);
`,
);

const exists = (name: string) =>
  eventually(
    async () => existsSync(file(name)),
    (isThere) => isThere,
  );

it.each([
  ['before the platform looks', 'gone at once'],
  ['while the platform watches', 'gone'],
])('is told that npm ended %s', async (when, told) => {
  for (const name of ['said', 'loaded', 'look', 'watching']) rmSync(file(name), { force: true });
  // npm's shell waits for its script. The one that stands for npm runs it in the background.
  const script = `"${process.execPath}" "${platform}"; :`;
  const npm = spawn('sh', ['-c', `sh -c '${script}' & wait`, 'npm'], {
    env: { ...process.env, npm_lifecycle_event: 'start', npm_config_user_agent: 'npm/11' },
    stdio: 'ignore',
  });
  await exists('loaded');
  const end = async () => {
    const ended = once(npm, 'exit');
    npm.kill('SIGKILL');
    await ended;
  };

  if (told === 'gone at once') await end();
  writeFileSync(file('look'), '');
  if (told === 'gone') {
    await exists('watching');
    await end();
  }

  await exists('said');
  expect(readFileSync(file('said'), 'utf8'), when).toBe(told);
});
