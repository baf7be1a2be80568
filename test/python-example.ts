// Runs docs/guide/send.py against the platform that runs in this folder, through resets, lost answers, 429 and 503.
// Argument: --install-only. Exit codes: 0 each event is stored once, 1 it is not, 3 there is no Python here.

import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRunningTwin } from '../cli/running-twin.ts';
import { Weir } from '../client/src/index.ts';
import { eventually } from './support/eventually.ts';
import { openFaultyDoor } from './support/faulty-door.ts';
import { notInstallable } from './support/python-tools.ts';

const { status, stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.version_info >= (3, 9))'], {
  encoding: 'utf8',
});
if (status !== 0 || stdout.trim() !== 'True') {
  console.error('THE PYTHON EXAMPLE DID NOT RUN: it needs Python 3.9 or newer as python3.');
  process.exit(notInstallable);
}
if (process.argv.includes('--install-only')) process.exit(0);

const { url } = findRunningTwin(process.cwd());
const [{ api_key: key }] = JSON.parse(readFileSync('.weir/demo-account.json', 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'weir-python-'));
const door = await openFaultyDoor(url);
door.script('reset', 'lose', 429, 503);

/** A type of its own, so that the events are told from those of other runs. */
const type = `python-${randomUUID()}`;
const count = 250;
const events = Array.from({ length: count }, (_, n) => JSON.stringify({ type, metadata: { n } }));
const wrong = JSON.stringify({ tpye: 'order' });
const file = join(folder, 'events.ndjson');
writeFileSync(file, [...events.slice(0, 120), wrong, '', ...events.slice(120)].join('\n'));

try {
  const python = spawn('python3', ['docs/guide/send.py', file], {
    env: { ...process.env, URL: door.url, KEY: key },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  python.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const [code] = await once(python, 'exit');
  console.log(printed.trim());
  const weir = new Weir({ url, key });
  const numbers = await eventually(
    () => Array.fromAsync(weir.search({ type, limit: 1000 }), ({ metadata }) => metadata?.n),
    (found) => found.length >= count,
  );
  const faults = [
    code !== 1 && `It ended with ${code}, and a rejected event is a 1.`,
    !printed.includes(`rejected: ${wrong} type is required.`) && 'It does not print the rejected event.',
    !/^202 100 accepted/m.test(printed) && 'It does not print what was accepted.',
    door.seen.length !== 7 && `It sent ${door.seen.length} requests for 3 batches and 4 faults.`,
    (numbers.length !== count || new Set(numbers).size !== count) && `${numbers.length} events are stored.`,
  ].filter(Boolean);
  for (const fault of faults) console.error(fault);
  console.log(`${numbers.length} of ${count} events are stored, after ${door.seen.length} requests`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await door.close();
  rmSync(folder, { recursive: true });
}
