import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../../cli/run.ts';
import { groups, verbs } from '../../../cli/verbs.ts';
import { commandsOf } from '../../support/runbook-commands.ts';

class Connected extends Error {}

/** Ends where a verb would connect: exit code 2 says that the command line is wrong, 1 that it is right. */
async function weir(...argv: string[]) {
  const [printed, said]: [string[], string[]] = [[], []];
  const streams = {
    out: (text: string) => void printed.push(text),
    err: (text: string) => void said.push(text),
  };
  const code = await runCli(argv, streams, () => Promise.reject(new Connected('connected')), '/');
  return { code, out: printed.join('\n'), err: said.join('\n') };
}

const names = verbs.map(({ words }) => words.join(' '));

describe('help', () => {
  it.each(['', ...Object.keys(groups), ...names])(
    'of "weir %s" is asked for, goes to stdout alone, and has examples',
    async (name) => {
      const words = name.split(' ').filter(Boolean);

      const { code, out, err } = await weir(...words, '--help');

      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain(`Usage: weir${name && ` ${name}`} [options]`);
      expect(out).toContain('--local');
      expect(out).toMatch(/Examples:\n {2}npm run -s weir -- \S/);
      expect(await weir('help', ...words)).toEqual({ code, out, err });
    },
  );

  it('lists every verb with its summary', async () => {
    const { out } = await weir('--help');

    for (const name of names) expect(out).toContain(`\n  ${name} `);
  });

  it.each(['', ...Object.keys(groups)])('of "weir %s" is printed where no verb is named', async (name) => {
    const words = name.split(' ').filter(Boolean);

    expect(await weir(...words)).toEqual(await weir(...words, '--help'));
  });

  it.each([
    [['quarantine', 'list', '--acount', 'x'], "error: unknown option '--acount'\n(Did you mean --account?)"],
    [['quarantine', 'lst'], "error: unknown command 'lst'\n(Did you mean list?)"],
    [['help', 'acount'], "error: unknown command 'acount'\n(Did you mean account?)"],
    [['account', 'create'], 'error: --account is missing: the id of the account: a-z, 0-9 and "-".'],
    [
      ['replay', '--from', '2h', '--account', '--dry-run'],
      'error: --account has no value: "--dry-run" is an option.',
    ],
    [
      ['quarantine', 'discard', '--all', '--environment', '--dry-run', '--yes'],
      'error: --environment has no value: "--dry-run" is an option.',
    ],
    [['account', 'create', '--account', '-x'], 'error: --account has no value: "-x" is an option.'],
  ])('is named, not printed, after the error of %j', async (argv, error) => {
    expect(await weir(...argv)).toEqual({
      code: 2,
      out: '',
      err: `${error}\n  next: --help lists the options and verbs.`,
    });
  });

  it('describes every group of verbs', () => {
    const known = verbs.flatMap(({ words }) =>
      words.slice(0, -1).map((_, end) => words.slice(0, end + 1).join(' ')),
    );

    expect(Object.keys(groups).toSorted()).toEqual([...new Set(known)].toSorted());
  });

  it.each([
    [['quarantine', 'list'], '--reason'],
    [['quarantine', 'replay'], '--dry-run'],
    [['replay'], '(default: "now")'],
  ])('of %j lists its options and defaults', async (words, option) => {
    expect((await weir(...words, '--help')).out).toContain(option);
  });

  it('marks the options that cannot be left out', async () => {
    expect((await weir('replay', '--help')).out).toMatch(/--from <time> .*\n? *\(required\)/);
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
  // Runbooks call it by its name.
  ...globSync('docs/runbooks/*.md').flatMap((page) =>
    commandsOf(readFileSync(page, 'utf8')).flatMap((line) => /^weir (.*)/.exec(line)?.[1] ?? []),
  ),
];

it.each(written)('"%s", which help or docs print, is right use', async (line) => {
  const { code, err } = await weir(...line.split(/\s+/));

  expect(code, err).not.toBe(2);
});
