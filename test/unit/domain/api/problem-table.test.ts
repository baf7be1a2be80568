import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemsOfSending, withPrintedProblems } from '../../../support/problem-table.ts';

const file = resolve('docs/guide/sending-events.md');
const page = readFileSync(file, 'utf8');

describe('the page on sending events', () => {
  it('prints the problems: "npx vitest run test/unit/domain/api/problem-table.test.ts -u" prints them anew', async () => {
    await expect(withPrintedProblems(page)).toMatchFileSnapshot(file);
  });

  it.each(problemsOfSending)('says whether to send again after %s', (code) => {
    const decisions = /^## When it is not 202$([\s\S]*?)^## /m.exec(page)?.[1];

    expect(decisions).toContain(`\`${code}\``);
  });

  it('contains the markers of its table', () => {
    expect(() => withPrintedProblems('# Sending events')).toThrow(/has lost the lines/);
  });
});
