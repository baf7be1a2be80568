import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ProblemCode, problemDocument } from '../../../domain/api/problems.ts';
import { rejectionCodes } from '../../../domain/event/event.ts';
import { problemsByStatus, withPrintedProblems } from '../../support/printed-tables.ts';

const file = resolve('docs/guide/errors.md');
const page = readFileSync(file, 'utf8');

/** Of a heading, without those below it. */
function section(title: string): string {
  const text = new RegExp(`^## ${title}$([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(page)?.[1];
  if (text === undefined) throw new Error(`The page has lost its section "${title}".`);
  return text;
}

describe('the page on errors', () => {
  it('prints the problems: "npx vitest run test/unit/guide -u" prints them again', async () => {
    await expect(withPrintedProblems(page)).toMatchFileSnapshot(file);
  });

  it('begins with a problem as it is answered', () => {
    const [, shown = ''] = /^```json\n([\s\S]*?)^```$/m.exec(page) ?? [];

    expect(JSON.parse(shown)).toEqual(problemDocument('idempotency_in_flight', '…'));
  });

  it.each(problemsByStatus)('says what to do about %s', (code) => {
    expect(section('What to do')).toContain(`\`${code}\``);
  });

  it.each(rejectionCodes)('explains why an event is rejected with %s', (code) => {
    expect(section('Rejected events')).toMatch(new RegExp(`^\\| \`${code}\` \\|`, 'm'));
  });

  it('tells to retry exactly what can be retried', () => {
    const retried = [...section('What to do').matchAll(/^\| (?:[^|]*)\| [^|]* \| yes/gm)]
      .flatMap(([row]) => [...row.matchAll(/`([a-z_]+)`/g)])
      .map(([, code]) => code as ProblemCode);
    const waiting = problemsByStatus
      .filter(([, { retryAfter, status }]) => retryAfter !== undefined || status >= 500)
      .map(([code]) => code);

    expect(retried.toSorted()).toEqual([...waiting, 'signature_expired', 'signature_replayed'].toSorted());
  });

  it('contains the markers of its table', () => {
    expect(() => withPrintedProblems('# Errors')).toThrow(/has lost the lines/);
  });
});
