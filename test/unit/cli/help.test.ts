import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../../cli/run.ts';
import { groups, verbs } from '../../../cli/verbs.ts';

class Connected extends Error {}

/** Ends where a verb would connect: exit code 2 says that the command line is wrong, 1 that it is right. */
async function weir(...argv: string[]) {
  const said: string[] = [];
  const streams = { out: () => {}, err: (text: string) => void said.push(text) };
  const code = await runCli(argv, streams, () => Promise.reject(new Connected('connected')), '/');
  return { code, err: said.join('\n') };
}

const names = verbs.map(({ words }) => words.join(' '));

describe('help', () => {
  it.each(['', ...Object.keys(groups), ...names])(
    'of "weir %s" is asked for, and has examples',
    async (name) => {
      const { code, err } = await weir(...name.split(' ').filter(Boolean), '--help');

      expect(code).toBe(0);
      expect(err).toContain(`Usage: weir${name && ` ${name}`} [options]`);
      expect(err).toContain('--local');
      expect(err).toMatch(/Examples:\n {2}npm run weir -- \S/);
    },
  );

  it('lists every verb with its summary', async () => {
    const { err } = await weir('--help');

    for (const name of names) expect(err).toContain(`\n  ${name} `);
  });

  it('describes every group of verbs', () => {
    const known = verbs.flatMap(({ words }) =>
      words.slice(0, -1).map((_, end) => words.slice(0, end + 1).join(' ')),
    );

    expect(Object.keys(groups).toSorted()).toEqual([...new Set(known)].toSorted());
  });

  it('marks the options that cannot be left out', async () => {
    expect((await weir('replay', '--help')).err).toMatch(/--from <time> .*\n? *\(required\)/);
  });
});

const written = [
  ...verbs.flatMap(({ examples }) => examples),
  ...['README.md', ...globSync('docs/**/*.md')].flatMap((page) =>
    [
      ...readFileSync(page, 'utf8').matchAll(
        /npm run (?:-s |--silent )?weir -- ([a-z-](?:\\\n|[^#|;`\n])+)/g,
      ),
    ].map(([, line = '']) => line.replaceAll('\\\n', ' ').trim()),
  ),
];

it.each(written)('"%s", which help or docs print, is right use', async (line) => {
  const { code, err } = await weir(...line.split(/\s+/));

  expect(code, err).not.toBe(2);
});
