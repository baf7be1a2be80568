// The page of the storage protocol cites tests by their own words, and counts the mutants of each rule.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutants } from '../model/mutants.ts';

const text = readFileSync('docs/design/protocol.md', 'utf8');

const rules = [...text.matchAll(/^### (R\d): .*$([\s\S]*?)(?=^##)/gm)].map(([, rule = '', body = '']) => {
  const testedBy = /^- \*\*Tested by:\*\* ((?:.+\n)+)/m.exec(body)?.[1]?.replace(/\s+/g, ' ') ?? '';
  return { rule, testedBy };
});

const cited = rules.flatMap(({ rule, testedBy }) =>
  [...testedBy.matchAll(/`([^`]+)` \(“([^”]+)”\)/g)].map(([, file = '', words = '']) => ({
    rule,
    file,
    words,
  })),
);

const numerals = ['no', 'one', 'two', 'three', 'four', 'five'];

describe('the storage protocol', () => {
  it('names a test for each rule, with words of it', () => {
    expect(rules.map(({ rule }) => rule)).toEqual(['R1', 'R2', 'R3', 'R4', 'R5', 'R6']);
    for (const { rule, testedBy } of rules) {
      const files = testedBy.match(/`[^`]+`/g) ?? [];
      expect(cited.filter((each) => each.rule === rule)).toHaveLength(files.length);
      expect(files).not.toEqual([]);
    }
  });

  it.each(cited)('of $rule: $file has a test "$words"', ({ file, words }) => {
    const titles = readFileSync(file, 'utf8').match(/^ *(?:it|describe)[^\n]*'[^\n]*'|^ +'[^\n]*',$/gm) ?? [];
    expect(titles.filter((title) => title.includes(`'${words}`))).toHaveLength(1);
  });

  it.each(rules)('counts the mutants of $rule', ({ rule, testedBy }) => {
    const count = Object.keys(mutants).filter((name) => name.startsWith(`${rule}:`)).length;

    expect(/(\w+) mutants? R\d/.exec(testedBy)?.[0] ?? 'no mutant').toBe(
      count === 0 ? 'no mutant' : `${numerals[count]} mutant${count === 1 ? '' : 's'} ${rule}`,
    );
  });
});
