import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const page = 'docs/design/walk.md';
const text = readFileSync(page, 'utf8');

/** Rows of its tables: the file that is opened, and what is looked for in it. */
const steps = [...text.matchAll(/^\| \[`([^`]+)`\]\(([^)]+)\) \| `([^`]+)` \|/gm)].map(
  ([, file = '', link = '', name = '']) => ({ file, link, name }),
);

describe('the walk', () => {
  it('leads from the route to the line that writes a page, and on to the summary', () => {
    const files = steps.map(({ file }) => file);

    expect(files[0]).toBe('domain/api/routes.ts');
    expect(files).toContain('adapters/storing/dynamodb-pages.ts');
    expect(files.at(-1)).toBe('domain/reading/summary.ts');
    expect(steps).toHaveLength([...text.matchAll(/^\| \[/gm)].length);
  });

  it.each(steps)('opens $file and finds $name there', ({ file, link, name }) => {
    expect(normalize(join(dirname(page), link))).toBe(file);
    expect(existsSync(file)).toBe(true);
    const made = `\\b(?:function|const) ${name}\\b|^ +(?:async )?${name}\\(|\\bnew ${name}\\(`;
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(made, 'm'));
  });

  it('is the one that the README gives in six lines', () => {
    const short = /^## Follow one event through the code$([\s\S]*?)^## /m.exec(
      readFileSync('README.md', 'utf8'),
    )?.[1];
    const lines = short?.match(/^\d\. .*$/gm) ?? [];
    const opened = lines.flatMap((line) => [...line.matchAll(/\]\(([^)]+)\)/g)].map(([, to]) => to));

    expect(lines).toHaveLength(6);
    expect(opened.at(-1)).toBe(page);
    const inOrder = opened.slice(0, -1).map((file) => steps.findIndex((step) => step.file === file));
    expect(inOrder).not.toContain(-1);
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
  });
});
