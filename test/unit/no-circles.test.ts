// No circle of imports, imports of types among them: a file can be read without reading those that use it. And no
// service of the twin knows another: what one needs of another is handed in by twin/src/core/twin.ts.

import { describe, expect, it } from 'vitest';
import { importsOf, sourcesIn } from '../support/imports.ts';

const rooms = ['domain', 'adapters', 'lambdas', 'lib', 'cli', 'local', 'bin', 'bench', 'twin/src'];

type Imports = ReadonlyMap<string, readonly string[]>;

/** Of each file of the folders, the files among them that it imports. */
function graphOf(folders: readonly string[]): Imports {
  const imports = importsOf(sourcesIn(folders));
  return new Map(
    [...imports].map(([file, found]) => [
      file,
      found.flatMap(({ target }) => (target !== undefined && imports.has(target) ? [target] : [])),
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
    expect(circlesIn(graphOf([room]))).toEqual([]);
  });

  it('between the rooms', () => {
    expect(circlesIn(graphOf(rooms))).toEqual([]);
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
  const imports = graphOf(['twin/src']);
  const pairs = [...imports].flatMap(([file, targets]) => targets.map((target) => [file, target] as const));

  it('imports nothing of another service', () => {
    const foreign = pairs.filter(([file, target]) => {
      const [from, to] = [serviceOf(file), serviceOf(target)];
      return from !== undefined && to !== undefined && from !== to;
    });

    expect(foreign.map((pair) => pair.join(' → '))).toEqual([]);
  });

  /** The list of services, and the doors of the package. */
  const mayKnowServices = /^twin\/src\/(?:core\/twin(?:-options)?|index|cloudwatch|enforcement|parts)\.ts$/;

  it('is known to the list of services and to the doors, and to no other part of the twin', () => {
    const others = pairs.filter(
      ([file, target]) =>
        serviceOf(file) === undefined && serviceOf(target) !== undefined && !mayKnowServices.test(file),
    );

    expect(others.map((pair) => pair.join(' → '))).toEqual([]);
  });
});
