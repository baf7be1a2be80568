// The lists of what the twin leaves out, as twin/README.md prints them.

import { inPart, leftOut, type NotModelled } from '../../src/template/not-modelled.ts';

const begin = '<!-- printed from src/template/not-modelled.ts -->';
const end = '<!-- end of what is printed -->';

/** Returns the README with new lists. */
export function withPrintedLists(readme: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`The README has no lines "${begin}" and "${end}". Restore them around its lists.`);
  const lists = [print('Left out', leftOut), print('Run in part', inPart)];
  return `${readme.slice(0, from)}${begin}\n\n${lists.join('\n\n')}\n\n${readme.slice(to)}`;
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
