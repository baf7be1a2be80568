// A decision says since when it holds and whether it is built, on its page and in the index alike.

import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = 'docs/design/adr';
const statuses = [
  'accepted',
  'accepted, built in part',
  'accepted, superseded in part',
  'accepted, not built',
];

type Decision = { readonly number: number; readonly status: string; readonly date: string };
type Row = Decision & { readonly file: string };

const files = globSync(`${folder}/[0-9]*.md`)
  .map((path) => basename(path))
  .toSorted();

const index: readonly Row[] = [
  ...readFileSync(`${folder}/README.md`, 'utf8').matchAll(
    /^\| \[(\d+)\]\((\S+)\) \| .+ \| (.+) \| (\S+) \|$/gm,
  ),
].map(([, number, file = '', status = '', date = '']) => ({ number: Number(number), file, status, date }));

/** Undefined where the page does not begin with its number, its title, its status and its date. */
function decisionOf(text: string): Decision | undefined {
  const [, number, status = '', date = ''] =
    /^# (\d+)\. \S.*\n\nStatus: (.+) · Date: (\d{4}-\d\d-\d\d)\n\n/.exec(text) ?? [];
  if (number === undefined || !statuses.includes(status) || Number.isNaN(Date.parse(date))) return undefined;
  return { number: Number(number), status, date };
}

describe.each(files)('%s', (file) => {
  const text = readFileSync(`${folder}/${file}`, 'utf8');

  it('begins with the number of its name, a title, a known status and a date', () => {
    expect(decisionOf(text)).toMatchObject({ number: Number(file.slice(0, 4)) });
  });

  it('has the same status and date in the index', () => {
    expect(index.filter((row) => row.file === file)).toEqual([{ ...decisionOf(text), file }]);
  });

  it('says what is not built where a part is missing, and only there', () => {
    expect(text.includes('**Not built.**')).toBe(decisionOf(text)?.status === 'accepted, built in part');
  });
});

it('the index has every number once, in order', () => {
  expect(index.map(({ number }) => number)).toEqual(index.map((_, row) => row + 1));
});

it.each([
  ['no status', '# 1. Title\n\nSome text.\n\nMore.\n'],
  ['an unknown status', '# 1. Title\n\nStatus: perhaps · Date: 2026-11-21\n\nText.\n'],
  ['no such day', '# 1. Title\n\nStatus: accepted · Date: 2026-13-21\n\nText.\n'],
  ['no number', '# Title\n\nStatus: accepted · Date: 2026-11-21\n\nText.\n'],
])('a page with %s is found', (_fault, text) => {
  expect(decisionOf(text)).toBeUndefined();
});
