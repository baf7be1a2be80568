// What each file imports, in every way that the language has: also types, re-exports, dynamic imports and the files that
// workers and URLs name.

import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Import = {
  /** As the file writes it. */
  readonly specifier: string;
  /** The file of the project; undefined for a package. */
  readonly target: string | undefined;
};

export const sourcesIn = (folders: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    globSync(`${folder}/**/*.{ts,mts,cts,tsx,js,mjs,cjs}`, { exclude: ['**/node_modules/**'] }),
  );

const named = String.raw`['"\`](?<NAME>[^'"\`\n$]+)['"\`]`;
const ways = [
  // Not the text 'from'.
  String.raw`(?<!['"\`])\bfrom\s*${named.replace('NAME', 'from')}`,
  String.raw`\b(?:import|require|resolve)\s*\(\s*${named.replace('NAME', 'called')}`,
  String.raw`\bimport\s*${named.replace('NAME', 'bare')}`,
  String.raw`\bnew URL\s*\(\s*${named.replace('NAME', 'url')}\s*,\s*import\.meta\.url`,
];
const anyWay = new RegExp(ways.join('|'), 'g');

export function specifiersIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(anyWay)].map(
    ({ groups = {} }) => groups.from ?? groups.called ?? groups.bare ?? groups.url ?? '',
  );
}

const doors: Readonly<Record<string, string>> = JSON.parse(readFileSync('twin/package.json', 'utf8')).exports;

function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(file), specifier);
  const door = specifier === '@weir/twin' ? '.' : specifier.replace(/^@weir\/twin\//, './');
  return doors[door] === undefined ? undefined : join('twin', doors[door]);
}

export const importsOf = (files: readonly string[]): ReadonlyMap<string, readonly Import[]> =>
  new Map(
    files.map((file) => [
      file,
      specifiersIn(readFileSync(file, 'utf8')).map((specifier) => ({
        specifier,
        target: targetOf(file, specifier),
      })),
    ]),
  );
