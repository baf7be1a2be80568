import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Route, routeNameOf, routes } from '../../../domain/api/routes.ts';
import { pageOf } from '../../support/printed-tables.ts';

const page = readFileSync('docs/guide/limits.md', 'utf8');
const rows = [...page.matchAll(/^\| of these to (.*?) \| (\d+)(?: each)? \|/gm)].map(([, of = '', most]) => ({
  of,
  most: Number(most),
}));
const bounded = routes.filter((route: Route) => route.mostPerSecond !== undefined);

it.each(bounded.map((route) => ({ name: routeNameOf(route), most: (route as Route).mostPerSecond })))(
  'the page on limits says that an account may ask $name $most times a second',
  ({ name, most }) => {
    const { page: explains, heading } = pageOf(name);
    const link = explains === 'limits.md' ? `](#${heading})` : `](${explains}`;
    const own = rows.filter(({ of }) => of.includes(`${link}#${heading})`));

    const found = own.length > 0 ? own : rows.filter(({ of }) => of.includes(link));

    expect(found.map((row) => row.most)).toEqual([most]);
  },
);
