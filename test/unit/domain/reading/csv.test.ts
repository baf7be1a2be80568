import { expect, it } from 'vitest';
import { seriesToCsv, summaryToCsv } from '../../../../domain/reading/csv.ts';
import type { Series } from '../../../../domain/reading/series.ts';
import type { Summary } from '../../../../domain/reading/summary.ts';

const of = { account_id: 'acme', environment: 'production', from: '', to: '', as_of: '' };
const summary: Summary = {
  ...of,
  total: 3,
  values: { count: 2, sum: '-0.5', least: '-1', greatest: '0.5' },
  by_type: [{ type: 'a "b", c', count: 3, values: { count: 2, sum: '-0.5', least: '-1', greatest: '0.5' } }],
  by_service: [{ service: '=HYPERLINK("x")', count: 1 }],
  top_users: [{ user_id: 'two\nlines', count: 2 }],
  ...{ top_users_exact: true, top_users_error: 0, distinct_users: 1, distinct_users_relative_error: 0 },
  ...{ duplicates: 0, conflicts: 0 },
};
const points = [
  { from: '2026-11-21T10:00:00.000Z', count: 2 },
  { from: '2026-11-21T11:00:00.000Z', count: 1 },
];
const series: Series = { ...of, interval: 'hour', tz: 'UTC', total: 3, points };

it('a summary has a row for its total, and for each entry of its lists', () => {
  expect(summaryToCsv(summary).split('\r\n')).toEqual([
    'list,name,count,values,sum,least,greatest',
    'total,,3,2,-0.5,-1,0.5',
    'by_type,"a ""b"", c",3,2,-0.5,-1,0.5',
    `by_service,"'=HYPERLINK(""x"")",1,0,,,`,
    'top_users,"two\nlines",2,,,,',
    '',
  ]);
});

it.each(['=1', '+1', '-x', '@x', '\tx'])('%j is not run by a spreadsheet', (type) => {
  expect(summaryToCsv({ ...summary, by_type: [{ type, count: 1 }] })).toContain(`by_type,'${type},1`);
});

it('a series has a row for each point', () => {
  expect(seriesToCsv(series)).toBe(
    'from,count,sum\r\n2026-11-21T10:00:00.000Z,2,\r\n2026-11-21T11:00:00.000Z,1,\r\n',
  );
});

it('a series of groups has a row for each of them in each point', () => {
  const groups = [
    { service: 'web', count: 2, counts: [2, 0], sum: '-1.5', sums: ['-1.5', '0'] },
    { service: '(none)', count: 1, counts: [0, 1] },
  ];

  expect(seriesToCsv({ ...series, group_by: 'service', groups }).split('\r\n')).toEqual([
    'from,service,count,sum',
    '2026-11-21T10:00:00.000Z,web,2,-1.5',
    '2026-11-21T10:00:00.000Z,(none),0,',
    '2026-11-21T11:00:00.000Z,web,0,0',
    '2026-11-21T11:00:00.000Z,(none),1,',
    '',
  ]);
});
