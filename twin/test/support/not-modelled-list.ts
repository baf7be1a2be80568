// The lists of what the twin leaves out, as twin/README.md prints them.

import { inPart, leftOut, type NotModelled } from '../../src/template/not-modelled.ts';

const begin = '<!-- printed from src/template/not-modelled.ts -->';
const end = '<!-- end of what is printed -->';

/** The README with its lists printed anew, and its other text as it is. */
export function withPrintedLists(readme: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`The README has lost the lines "${begin}" and "${end}", between which its lists are.`);
  const lists = [print('Left out', leftOut), print('Run in part', inPart)];
  return `${readme.slice(0, from)}${begin}\n\n${lists.join('\n\n')}\n\n${readme.slice(to)}`;
}

function print(title: string, entries: readonly NotModelled[]): string {
  const rows = entries.map(({ what, reason }) => `| ${nameAll(what)} | ${reason} |`);
  return [`| ${title} | why |`, '|---|---|', ...rows].join('\n');
}

/** Each type once, followed by those of its properties that are meant. */
function nameAll(what: readonly string[]): string {
  const byType = Map.groupBy(what, (each) => each.split('.')[0] ?? each);
  const names = [...byType].map(([type, members]) => {
    const properties = members.map((each) => each.slice(type.length + 1)).filter(Boolean);
    const name = type === '*' ? 'every type' : `\`${type}\``;
    return properties.length === 0 ? name : `${name}: ${properties.join(', ')}`;
  });
  return names.join('; ');
}
