import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { problems } from '../../../domain/api/problems.ts';
import { withPrintedRoutes } from '../../support/printed-tables.ts';

const file = resolve('docs/guide/routes.md');

it('the page on routes prints them all: "npx vitest run test/unit/guide -u" prints them again', async () => {
  await expect(withPrintedRoutes(readFileSync(file, 'utf8'))).toMatchFileSnapshot(file);
});

it('is there where a 404 says that it is', () => {
  const [named = 'no page'] = /docs\/\S+\.md/.exec(problems.not_found.detail) ?? [];

  expect(existsSync(named)).toBe(true);
  expect(resolve(named)).toBe(file);
});
