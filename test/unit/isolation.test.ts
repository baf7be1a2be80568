// Isolation by construction, in the sources: a tenant comes from the principal alone, and what touches a table comes from
// domain/keys.ts alone.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sourcesIn } from '../support/imports.ts';

/** Without comments, whose words are not code. */
const codeOf = (file: string): string =>
  readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/^\s*\/\/.*$/gm, '');

const linesWith = (folders: readonly string[], pattern: RegExp): string[] =>
  sourcesIn(folders).flatMap((file) =>
    codeOf(file)
      .split('\n')
      .filter((line) => pattern.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );

const fileOf = (line: string): string => line.split(':')[0] ?? '';
const isOfMemory = (line: string): boolean => /\/memory-[a-z-]+\.ts$/.test(fileOf(line));

describe('a tenant comes from the principal', () => {
  it('that authorize has read, and that it passes on in the context', () => {
    const made = linesWith(['lambdas'], /\bgeneration:/);

    expect([...new Set(made.map(fileOf))].toSorted()).toEqual([
      'lambdas/authorize/authorize.ts',
      'lambdas/edge/caller.ts',
      // Of a record of the stream, which ingest has put there for its caller.
      'lambdas/storing/deleted-accounts.ts',
    ]);
  });

  it('and never from what a request says of it: only authorize reads the account in a path', () => {
    expect(
      linesWith(['lambdas'], /pathParameters\??\.account_id|pathParameters.*account/).map(fileOf),
    ).toEqual(['lambdas/authorize/authorize.ts', 'lambdas/authorize/people.ts']);
  });

  it('by the context of the authorizer alone', () => {
    const read = linesWith(['lambdas'], /\bfromContext\((?!context\b)/);

    expect(read.length).toBeGreaterThan(0);
    expect(read.filter((line) => !line.includes('fromContext(request.requestContext.authorizer)'))).toEqual(
      [],
    );
  });
});

describe('what touches a table is made in domain/keys.ts', () => {
  /** Each with the reason why it is no key of a table by itself. */
  const others: Readonly<Record<string, string>> = {
    'adapters/quarantine/dynamodb-quarantine-items.ts: sk: jobSortKey(dueAtMs, `${kind}#${record}#${laneKey(lane)}`),':
      'the name of a job in jobSortKey; its lane is of domain/keys.ts',
    'lambdas/authorize/memberships.ts: memberships(`${account}#${environment}#${person}`, () => table.find(person, account, environment)),':
      'a key of a map in memory',
    'lambdas/ingest/policies.ts: const key = `${account}#${name}`;': 'a key of a map in memory',
  };

  it('and nowhere else is one put together', () => {
    const joined = linesWith(
      ['adapters', 'lambdas', 'cli'],
      // A name of an attribute in an expression begins with `#`.
      /`[^`]*(?:[^\s`(]#\$\{|\}#)[^`]*`|['"]#['"]\s*\+|\+\s*['"]#/,
    );

    expect(joined.filter((line) => !isOfMemory(line)).toSorted()).toEqual(Object.keys(others).toSorted());
  });

  it('and partition keys are never text that stands in an adapter or function', () => {
    expect(
      linesWith(['adapters', 'lambdas', 'cli'], /\bpk: ?['"`]/).filter((line) => !isOfMemory(line)),
    ).toEqual([]);
  });
});
