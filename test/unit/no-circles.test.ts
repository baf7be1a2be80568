// No circle of imports, imports of types among them: a file can be read without reading those that use it. And no
// service of the twin knows another: what one needs of another is handed in by twin/src/core/twin.ts.

import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const rooms = [
  'domain',
  'adapters',
  'lambdas',
  'lib',
  'cli',
  'local',
  'bin',
  'bench',
  'client',
  'console',
  'twin/src',
];

const specifier =
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"](?<from>[^'"]+)['"]|\bimport\s*\(\s*['"](?<dynamic>[^'"]+)['"]|^\s*import\s*['"](?<bare>[^'"]+)['"]/gm;

type Imports = ReadonlyMap<string, readonly string[]>;

/** Of each file, the files of the project that it imports. */
function importsOf(files: readonly string[]): Imports {
  const doors: Readonly<Record<string, string>> = JSON.parse(
    readFileSync('twin/package.json', 'utf8'),
  ).exports;
  const known = new Set(files);
  const targetOf = (file: string, name: string): string | undefined => {
    if (name.startsWith('.')) return join(dirname(file), name);
    if (name.startsWith('node:') || builtinModules.includes(name)) return undefined;
    const door = name === '@weir/twin' ? '.' : name.replace(/^@weir\/twin\//, './');
    return doors[door] === undefined ? undefined : join('twin', doors[door]);
  };
  return new Map(
    files.map((file) => [
      file,
      [...readFileSync(file, 'utf8').matchAll(specifier)]
        .map(({ groups }) => targetOf(file, groups?.from ?? groups?.dynamic ?? groups?.bare ?? ''))
        .filter((target) => target !== undefined)
        .filter((target) => known.has(target)),
    ]),
  );
}

/** Each way round, as `a.ts → b.ts → a.ts`; of those that share files, one. */
function circlesIn(imports: Imports): readonly string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at !== -1) circles.push([...way.slice(at), file].join(' → '));
    if (at !== -1 || done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}

const serviceOf = (file: string) => /^twin\/src\/services\/([^/]+)\//.exec(file)?.[1];

describe('files import one another in no circle', () => {
  it.each(rooms)('in %s', (room) => {
    const imports = importsOf(globSync(`${room}/**/*.{ts,tsx,mjs}`, { exclude: ['**/node_modules/**'] }));

    expect(circlesIn(imports)).toEqual([]);
  });

  it('between the rooms', () => {
    const files = rooms.flatMap((room) =>
      globSync(`${room}/**/*.{ts,tsx,mjs}`, { exclude: ['**/node_modules/**'] }),
    );

    expect(circlesIn(importsOf(files))).toEqual([]);
  });

  it('or they are named', () => {
    const imports = new Map([
      ['a.ts', ['b.ts']],
      ['b.ts', ['c.ts']],
      ['c.ts', ['b.ts', 'd.ts']],
      ['d.ts', []],
    ]);

    expect(circlesIn(imports)).toEqual(['b.ts → c.ts → b.ts']);
  });
});

describe('a service of the twin', () => {
  const imports = importsOf(globSync('twin/src/**/*.ts'));
  const pairs = [...imports].flatMap(([file, targets]) => targets.map((target) => [file, target] as const));

  it('imports nothing of another service', () => {
    const foreign = pairs.filter(([file, target]) => {
      const [from, to] = [serviceOf(file), serviceOf(target)];
      return from !== undefined && to !== undefined && from !== to;
    });

    expect(foreign.map((pair) => pair.join(' → '))).toEqual([]);
  });

  /** The list of services, and the doors of the package. */
  const mayKnowServices = /^twin\/src\/(?:core\/twin(?:-options)?|index|enforcement|parts)\.ts$/;

  it('is known to the list of services and to the doors, and to no other part of the twin', () => {
    const others = pairs.filter(
      ([file, target]) =>
        serviceOf(file) === undefined && serviceOf(target) !== undefined && !mayKnowServices.test(file),
    );

    expect(others.map((pair) => pair.join(' → '))).toEqual([]);
  });
});
