// What of a template the twin runs, and what it leaves out, as twin/README.md prints it.

import { globSync, readFileSync } from 'node:fs';
import { inPart, leftOut, type NotModelled, notRun } from '../../src/template/not-modelled.ts';

const begin = '<!-- printed from src/template/not-modelled.ts and src/services -->';
const end = '<!-- end of what is printed -->';

/** Returns the README with new lists. */
export function withPrintedLists(readme: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`The README has no lines "${begin}" and "${end}". Restore them around its lists.`);
  const lists = [
    printTypes(),
    print('Not run', notRun),
    print('Run in part', inPart),
    print('Left out', leftOut),
  ];
  return `${readme.slice(0, from)}${begin}\n\n${lists.join('\n\n')}\n\n${readme.slice(to)}`;
}

/** The types of resources that a service asks the template for, by the folder of the service. */
function typesRun(): ReadonlyMap<string, readonly string[]> {
  const files = globSync('twin/src/services/*/**/*.ts').toSorted();
  const found = Map.groupBy(
    files.flatMap((file) => {
      const types = readFileSync(file, 'utf8').matchAll(/'(AWS::(\w+)::\w+)'/g);
      return [...types].map(([, type = '', service = '']) => ({ type, service }));
    }),
    ({ service }) => service,
  );
  return new Map(
    [...found]
      // The services ask for it only to refuse it.
      .filter(([service]) => service !== 'ApiGatewayV2')
      .map(([service, each]) => [service, [...new Set(each.map(({ type }) => type))].toSorted()] as const)
      .toSorted(),
  );
}

function printTypes(): string {
  const rows = [...typesRun()].map(
    ([service, types]) => `| ${service} | ${types.map((type) => `\`${type.split('::')[2]}\``).join(', ')} |`,
  );
  return ['| Run: `AWS::` | types |', '|---|---|', ...rows].join('\n');
}

function print(title: string, entries: readonly NotModelled[]): string {
  const rows = entries.map(({ what, reason }) => `| ${nameAll(what)} | ${reason} |`);
  return [`| ${title} | why |`, '|---|---|', ...rows].join('\n');
}

/** Each type once, followed by its listed properties. */
function nameAll(what: readonly string[]): string {
  const byType = Map.groupBy(what, (each) => each.split('.')[0] ?? each);
  const names = [...byType].map(([type, members]) => {
    const properties = members.map((each) => each.slice(type.length + 1)).filter(Boolean);
    const name = type === '*' ? 'every type' : `\`${type}\``;
    return properties.length === 0 ? name : `${name}: ${properties.join(', ')}`;
  });
  return names.join('; ');
}
