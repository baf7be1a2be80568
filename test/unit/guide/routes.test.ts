import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { problems } from '../../../domain/api/problems.ts';
import { routes } from '../../../domain/api/routes.ts';
import { withPrintedRoutes } from '../../support/printed-tables.ts';

const file = resolve('docs/guide/routes.md');

it('the page on routes prints them all: "npx vitest run test/unit/guide -u" prints them again', async () => {
  await expect(withPrintedRoutes(readFileSync(file, 'utf8'))).toMatchFileSnapshot(file);
});

it.each(routes)('a 404 names $method $path, for a client without the docs', ({ method, path }) => {
  expect(problems.not_found.detail).toMatch(new RegExp(`[ ,]${RegExp.escape(`${method} ${path}`)}[,.]`));
});
