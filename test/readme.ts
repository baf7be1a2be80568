// Runs the README's own lines against the platform that is running, and compares the answers with those that it
// prints; `…` there stands for anything. An answer that needs a moment is asked for again until it is right.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const section = /^## Send an event, read a summary$([\s\S]*?)^## /m.exec(
  readFileSync('README.md', 'utf8'),
)?.[1];
if (section === undefined)
  throw new Error('The README has lost its section "Send an event, read a summary".');
const blocks = [...section.matchAll(/^```(sh|json)\n([\s\S]*?)^```$/gm)].map(([, kind, text]) => ({
  kind,
  text: text ?? '',
}));

/** Lines share one shell, as they would in a terminal; the last receipt stands for BATCH_ID. */
let before = '';
let batchId = '';
function run(script: string): string {
  const lines = script.replaceAll('BATCH_ID', batchId);
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
    console.error(`The README says\n${expected}\nand the answer was\n${answer}`);
    process.exit(1);
  }
  if (/"code"|"status":[45]/.test(answer) && !expected)
    throw new Error(`${text} was answered with ${answer}`);
  console.log(`as the README says: ${text.trim().split('\n').at(-1)}`);
}
