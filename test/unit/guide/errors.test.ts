import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemsOfSending, withPrintedProblems } from '../../support/printed-tables.ts';

const file = resolve('docs/guide/sending-events.md');
const page = readFileSync(file, 'utf8');

describe('the page on sending events', () => {
  it('prints the problems: "npx vitest run test/unit/guide/errors.test.ts -u" prints them anew', async () => {
    await expect(withPrintedProblems(page)).toMatchFileSnapshot(file);
  });

  it.each(problemsOfSending)('says whether to send again after %s', (code) => {
    const decisions = /^## When it is not 202$([\s\S]*?)^## /m.exec(page)?.[1];

    expect(decisions).toContain(`\`${code}\``);
  });

  it('cannot lose the place of its table unnoticed', () => {
    expect(() => withPrintedProblems('# Sending events')).toThrow(/has lost the lines/);
  });
});
