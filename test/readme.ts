// Runs the lines of the README and of the pages beside it against the platform that is running, and compares the answers
// with those that they print; `…` there stands for anything. An answer that needs a moment is asked for again until it is
// right.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRunningTwin } from '../cli/running-twin.ts';

function sectionsOf(file: string, titles: readonly string[]): string {
  const text = readFileSync(file, 'utf8');
  return titles
    .map((title) => {
      const section = new RegExp(`^## ${title}$([\\s\\S]*?)(?=^## )`, 'm').exec(text)?.[1];
      if (!section?.includes('```sh\n'))
        throw new Error(`${file} has lost the commands of its section "${title}".`);
      return section;
    })
    .join('\n');
}

const text = [
  sectionsOf('README.md', ['Send an event, read a summary']),
  // Before the time is moved, of which the operator's verbs know nothing.
  sectionsOf('docs/operate/quarantine.md', [
    'Why a record is there',
    'What an account sees',
    'Look',
    'Replay',
    'Read the stream again',
  ]),
  sectionsOf('docs/operate/offline-twin.md', [
    'Look into it',
    'Meet a limit',
    'Make it fail',
    'Behind the 202',
    'Move the time',
  ]),
].join('\n');
const blocks = [...text.matchAll(/^```(sh|json)\n([\s\S]*?)^```$/gm)].map(([, kind, text]) => ({
  kind,
  text: text ?? '',
}));

const { endpoint } = findRunningTwin(process.cwd());

/** Lines share one shell, as they would in a terminal; the last receipt stands for BATCH_ID. */
let before = 'URL=http://127.0.0.1:8787\n';
let batchId = '';
function run(script: string): string {
  const lines = script
    .replaceAll('BATCH_ID', batchId)
    .replaceAll('BATCH.PART', `${batchId}.0`)
    .replaceAll('ENDPOINT', endpoint);
  const { stdout, stderr, status } = spawnSync('sh', ['-ec', before + lines], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${lines}\nended with ${status}: ${stderr}`);
  return stdout;
}

const pattern = (expected: string) =>
  new RegExp(`^${expected.trim().split('…').map(RegExp.escape).join('[^"]*')}$`);

for (const [index, { kind, text }] of blocks.entries()) {
  if (kind !== 'sh') continue;
  const expected = blocks[index + 1]?.kind === 'json' ? blocks[index + 1]?.text : undefined;
  const assignment = /^KEY=.*\n/m.exec(text)?.[0];
  if (assignment) before += assignment;
  const deadlineMs = Date.now() + 20_000;
  let answer = run(text);
  while (expected && !pattern(expected).test(answer.trim()) && Date.now() < deadlineMs) {
    if (/-d /.test(text)) break;
    await sleep(200);
    answer = run(text);
  }
  batchId = /"batch_id":"([^"]+)"/.exec(answer)?.[1] ?? batchId;
  if (expected && !pattern(expected).test(answer.trim())) {
    console.error(`The docs say\n${expected}\nand the answer was\n${answer}`);
    process.exit(1);
  }
  if (/"type":"urn:weir:problem/.test(answer) && !expected)
    throw new Error(`${text} was answered with ${answer}`);
  console.log(`as the docs say: ${text.trim().split('\n').at(-1)}`);
}
