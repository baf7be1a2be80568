import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Rows of tables cannot be wrapped. */
const pages = ['README.md', 'CONTRIBUTING.md', ...globSync(['docs/**/*.md', 'twin/*.md'])].toSorted();

it.each(pages)('%s has no line of more than 100 characters', (page) => {
  const lines = readFileSync(page, 'utf8').split('\n');

  expect(lines.filter((line) => [...line].length > 100 && !/^ *\|/.test(line))).toEqual([]);
});

it('the README is read on two screens: at most 120 lines', () => {
  expect(readFileSync('README.md', 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
});
