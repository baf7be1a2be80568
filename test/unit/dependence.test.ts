// The rule of dependence, file by file, whatever way a file takes to import another. The linter says the same while one
// types (house.test.ts), but knows paths only as they are written.

import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { describe, expect, it } from 'vitest';
import { importsOf, sourcesIn, specifiersIn } from '../support/imports.ts';

type Rule = {
  /** Folders and files of the project. */
  readonly files: readonly RegExp[];
  /** Packages and modules of Node. */
  readonly packages: (name: string) => boolean;
};

const anything = () => true;
const noneOf = (pattern: RegExp) => (name: string) => !pattern.test(name);
const cdk = /^(aws-cdk|constructs|cdk-nag)/;
const clients = /^(@aws-sdk|@smithy|aws-cdk|constructs|cdk-nag)/;

const ofTwin = JSON.parse(readFileSync('twin/package.json', 'utf8'));
const twinNeeds = Object.keys({ ...ofTwin.dependencies, ...ofTwin.optionalDependencies });

const rules: Readonly<Record<string, Rule>> = {
  domain: { files: [/^domain\//], packages: (name) => /^(zod(\/.*)?|node:crypto|node:zlib)$/.test(name) },
  adapters: { files: [/^adapters\//, /^domain\//], packages: noneOf(cdk) },
  'lambdas/*/handler.ts': {
    // That of consume is the code of consume-late, too.
    files: [/^lambdas\/(?!.*\/handler\.ts$)/, /^lambdas\/consume\/handler\.ts$/, /^adapters\//, /^domain\//],
    packages: noneOf(clients),
  },
  lambdas: { files: [/^lambdas\/(?!.*\/handler\.ts$)/, /^domain\//], packages: noneOf(clients) },
  lib: {
    files: [/^lib\//, /^domain\//, /^lambdas\/runtime\/environment\.ts$/],
    packages: noneOf(/^@aws-sdk/),
  },
  cli: { files: [/^cli\//, /^adapters\//, /^domain\//], packages: noneOf(cdk) },
  local: { files: [/^local\//, /^cli\//, /^twin\/src\//], packages: noneOf(clients) },
  bin: { files: [/^bin\//, /^lib\//, /^cli\//], packages: anything },
  'twin/src': {
    files: [/^twin\/src\//],
    packages: (name) =>
      isBuiltin(name) || twinNeeds.some((need) => name === need || name.startsWith(`${need}/`)),
  },
  'twin/test': { files: [/^twin\/(src|test)\//], packages: anything },
};

const folders = Object.keys(rules).filter((room) => !room.endsWith('.ts'));
const isHandler = /^lambdas\/[^/]+\/handler\.ts$/;
const roomOf = (file: string): string =>
  isHandler.test(file) ? 'lambdas/*/handler.ts' : (folders.find((room) => file.startsWith(`${room}/`)) ?? '');

/** What is loaded as a file and not imported: fixtures, declarations of packages, the code of workers. */
const isSource = (target: string): boolean => /\.[mc]?[jt]sx?$/.test(target);

describe('a file imports only what its room may', () => {
  it.each(folders)('in %s', (folder) => {
    const broken = [...importsOf(sourcesIn([folder]))].flatMap(([file, imports]) => {
      const rule = rules[roomOf(file)] as Rule;
      return imports
        .filter(({ specifier, target }) =>
          target === undefined
            ? !rule.packages(specifier)
            : isSource(target) && !rule.files.some((allowed) => allowed.test(target)),
        )
        .map(({ specifier }) => `${file} imports ${specifier}`);
    });

    expect(broken).toEqual([]);
  });
});

describe('the twin is imported through its doors', () => {
  it.each(['local', 'test', 'bench', 'bin', 'cli'])('by %s', (folder) => {
    const direct = [...importsOf(sourcesIn([folder]))].flatMap(([file, imports]) =>
      imports
        .filter(({ specifier, target }) => target?.startsWith('twin/') && specifier.startsWith('.'))
        // House.test.ts holds what the linter says of such a path.
        .filter(() => file !== 'test/unit/house.test.ts')
        .map(({ specifier }) => `${file} imports ${specifier}`),
    );

    expect(direct).toEqual([]);
  });
});

it.each([
  ["import { a } from './a.ts';", './a.ts'],
  ["import type { A } from './a.ts';", './a.ts'],
  ["import { type A } from\n  './a.ts';", './a.ts'],
  ["import /* the a's */ { a } from './a.ts';", './a.ts'],
  ["const x = 1; import { a } from './a.ts';", './a.ts'],
  ["export * from './a.ts';", './a.ts'],
  ["import './a.ts';", './a.ts'],
  ["await import('./a.ts')", './a.ts'],
  ['await import(`./a.ts`)', './a.ts'],
  ["await import(/* now */ './a.ts')", './a.ts'],
  ["type A = import('./a.ts').A;", './a.ts'],
  ["require('./a.ts')", './a.ts'],
  ["import.meta.resolve('./a.ts')", './a.ts'],
  ["new Worker(new URL('./a.ts', import.meta.url))", './a.ts'],
])('an import is seen in %j', (source, specifier) => {
  expect(specifiersIn(source)).toEqual([specifier]);
});

it("no import is seen in the text 'from'", () => {
  expect(specifiersIn("const query = ['from', 'to'];")).toEqual([]);
});
