// The pages can be followed: every relative link leads to a file that is there, and to a heading in it.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const pages = ['README.md', 'CONTRIBUTING.md', ...globSync(['docs/**/*.md', 'twin/*.md'])].toSorted();

/** Without what is shown as code: a link there is none, and a line with # no heading. */
const proseOf = (text: string): string =>
  text.replace(/^ *```[\s\S]*?^ *```$/gm, '').replace(/`[^`\n]*`/g, 'code');

const linksOf = (text: string): string[] =>
  [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, to = '']) => to)
    .filter((to) => !/^[a-z]+:/.test(to));

/** As GitHub names headings. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Map<string, number>();
  const withoutBlocks = text.replace(/^ *```[\s\S]*?^ *```$/gm, '');
  return new Set(
    [...withoutBlocks.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
      const name = heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-');
      const times = anchors.get(name) ?? 0;
      anchors.set(name, times + 1);
      return times === 0 ? name : `${name}-${times}`;
    }),
  );
}

function isDead(page: string, link: string): boolean {
  const [path = '', anchor] = decodeURI(link).split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (relative('.', target).startsWith('..') || !existsSync(target)) return true;
  return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).has(anchor);
}

it.each(pages)('%s has no dead link', (page) => {
  expect(linksOf(readFileSync(page, 'utf8')).filter((link) => isDead(page, link))).toEqual([]);
});

const rooms = 'src|bin|lib|lambdas|domain|adapters|cli|twin|local|test|bench|docs';

/** Also within a command, or where other words follow the path. */
const pathsIn = (text: string): string[] =>
  [...text.replace(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/`([^`]+)`/g)]
    .flatMap(([, code = '']) => code.split(/[\s'"=:]+/))
    .filter((word) => new RegExp(`^(?:${rooms})/[\\w./-]*$`).test(word));

/** Pages of the twin name its files from its own folder. */
const isThere = (page: string, path: string): boolean =>
  existsSync(path) || existsSync(join(dirname(page), path));

it.each(pages)('%s names no file that is gone', (page) => {
  expect(pathsIn(readFileSync(page, 'utf8')).filter((path) => !isThere(page, path))).toEqual([]);
});

it('a path is found by itself, within a command and over the end of a line, and not in a block', () => {
  const text = '`lib/a.ts` `npm test --\ntest/b -u` `domain/<room>` `c/d.ts`\n```sh\n`cli/e.ts`\n```\n';

  expect(pathsIn(text)).toEqual(['lib/a.ts', 'test/b']);
});

it.each([
  ['[a](docs/none.md)', true],
  ['[a](../elsewhere.md)', true],
  ['[a](README.md#no-such-heading)', true],
  ['[a](#start) and [b](docs/design/adr/README.md), [c](lib/api)', false],
  ['[a](https://example.com/none.md), `[b](none.md)`', false],
])('of the README, %s is dead: %s', (text, expected) => {
  expect(linksOf(text).some((link) => isDead('README.md', link))).toBe(expected);
});
