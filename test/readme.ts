// Runs the commands of the README and of the pages beside it against the platform that runs in this folder, and compares
// the answers with those that the pages print. There, `…` stands for anything within a text, and a line that begins with
// it for more members. An answer that needs a moment is asked for again until it is right. Exit code 1: a page is wrong.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRunningTwin } from '../cli/running-twin.ts';

/** In an order in which each finds what it needs. Titles are headings of the second level. */
const sections: readonly (readonly [file: string, ...titles: string[]])[] = [
  ['README.md', 'Start', 'First event and summary'],
  ['docs/guide/routes.md', 'Health', 'OpenAPI', 'People'],
  ['docs/guide/sending-events.md', 'Send an event'],
  ['docs/guide/reading.md', 'The receipt', 'The summary', 'Series', 'Answers that are kept'],
  ['docs/guide/search.md', 'Find events', 'All events of a question', 'One event'],
  [
    'docs/guide/sending-events.md',
    'Formats of the body',
    'The answer',
    'Accept all events or none',
    'Try a batch without storing it',
    'Trace a request',
  ],
  ['docs/guide/rejections.md', 'See what was rejected'],
  ['docs/guide/service-levels.md', 'See what you got', 'Day by day'],
  ['docs/guide/idempotency.md', 'Idempotency keys'],
  [
    'docs/operate/accounts.md',
    'Create an account',
    'Tiers and settings',
    'API keys',
    'Look at accounts',
    'Suspend an account',
    'Delete an account',
    'Audit log',
    'Personal data',
  ],
  ['docs/guide/keys.md', 'List the keys', 'Create a key', 'Rotate a key', 'Revoke a key', 'The audit log'],
  ['docs/guide/members.md', 'Add a member, or change a role', 'List the members', 'Remove a member'],
  ['docs/operate/people.md', 'Members'],
  ['docs/operate/events.md', 'Look at events in the twin'],
  // Before the time is moved, of which the operator's verbs know nothing.
  ['docs/operate/quarantine.md', 'Why a record is there'],
  ['docs/guide/quarantine.md', 'See what is in quarantine'],
  ['docs/operate/quarantine.md', 'Look', 'Replay', 'Read the stream again'],
  [
    'docs/operate/offline-twin.md',
    'Look into it',
    'Meet a limit',
    'Make it fail',
    'Behind the 202',
    'Move the time',
  ],
];

function sectionOf(file: string, title: string): string {
  const section = new RegExp(`^## ${title}$([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(
    readFileSync(file, 'utf8'),
  )?.[1];
  if (!section?.includes('```sh\n'))
    throw new Error(`${file} has lost the commands of its section "${title}".`);
  return section;
}

const text = sections
  .flatMap(([file, ...titles]) => titles.map((title) => sectionOf(file, title)))
  .join('\n');
const blocks = [...text.matchAll(/^```(sh|json)\n([\s\S]*?)^```$/gm)].map(([, kind, text]) => ({
  kind,
  text: text ?? '',
}));

/** Longer than a change of an account takes to apply. */
const withinMs = 40_000;

const { url } = findRunningTwin(process.cwd());

/** Blocks share variables, as they would in a terminal; the last receipt stands for BATCH_ID. */
let before = `URL=${url}\n`;
let batchId = '';
function run(script: string): string {
  const lines = script
    .replaceAll('http://127.0.0.1:8787', url)
    .replaceAll('BATCH_ID', batchId)
    .replaceAll('BATCH.PART', `${batchId}.0`);
  const { stdout, stderr, status } = spawnSync('sh', ['-ec', before + lines], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${lines}\nended with ${status}: ${stderr}`);
  return stdout;
}

/** With quotes, where they are escaped. */
const anyText = '(?:[^"\\\\]|\\\\.)*';

/** Of the answer as one line: pages break it where it is long. */
function pattern(expected: string): RegExp {
  const more = '\n …';
  const parts = expected.trim().split(more);
  const textOf = (part: string) => part.replace(/\n */g, '').split('…').map(RegExp.escape).join(anyText);
  return new RegExp(`^${parts.map(textOf).join('[\\s\\S]*')}$`);
}

/** The platform runs already. */
const startsIt = (script: string) => script.startsWith('npm ci');

for (const [index, { kind, text }] of blocks.entries()) {
  if (kind !== 'sh' || startsIt(text)) continue;
  const next = blocks[index + 1];
  const expected = next?.kind === 'json' ? next.text : undefined;
  const assignment = /^(?:KEY|TOKEN)=.*\n(?: {2}.*\n)*/m.exec(text)?.[0];
  if (assignment) before += assignment;
  const deadlineMs = Date.now() + withinMs;
  let answer = run(text);
  while (expected && !pattern(expected).test(answer.trim()) && Date.now() < deadlineMs) {
    // What stores events is not sent twice.
    if (/-d /.test(text) && !text.includes('events:debug')) break;
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
