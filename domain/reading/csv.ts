// Summaries and series as CSV (RFC 4180), for spreadsheets.

import type { Series } from './series.ts';
import type { Summary, Values } from './summary.ts';

type Row = readonly (string | number)[];

export function summaryToCsv({ total, values, by_type, by_service, top_users }: Summary): string {
  const stats = (count: number, of: Values | undefined): Row =>
    of ? [count, of.count, of.sum, of.least, of.greatest] : [count, 0, '', '', ''];
  return toCsv('list,name,count,values,sum,least,greatest', [
    ['total', '', ...stats(total, values)],
    ...by_type.map(({ type, count, values }): Row => ['by_type', type, ...stats(count, values)]),
    ...by_service.map(({ service, count, values }): Row => ['by_service', service, ...stats(count, values)]),
    ...top_users.map(({ user_id, count }): Row => ['top_users', user_id, count, '', '', '', '']),
  ]);
}

/** With groups, a row for each of them in each point. `sum` is empty where a series has none. */
export function seriesToCsv({ points, groups, group_by }: Series): string {
  if (!groups || group_by === undefined)
    return toCsv(
      'from,count,sum',
      points.map(({ from, count, sum = '' }) => [from, count, sum]),
    );
  return toCsv(
    `from,${group_by},count,sum`,
    points.flatMap(({ from }, point) =>
      groups.map(
        (group): Row => [
          ...[from, group[group_by] ?? '', group.counts[point] ?? 0],
          group.sums?.[point] ?? '',
        ],
      ),
    ),
  );
}

const toCsv = (header: string, rows: readonly Row[]): string =>
  [header, ...rows.map((row) => row.map((cell) => toCell(String(cell))).join(','))]
    .map((line) => `${line}\r\n`)
    .join('');

const number = /^-?\d+(\.\d+)?$/;

/** Spreadsheets would run a name that looks like a formula, and clients choose the names. */
function toCell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) && !number.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
