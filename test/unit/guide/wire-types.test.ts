import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { openApiDocument } from '../../../lambdas/openapi/document.ts';
import { typeOf, wireTypes } from '../../support/wire-types.ts';

const format = (text: string) => {
  const { stdout, stderr } = spawnSync(
    resolve('node_modules/.bin/biome'),
    ['format', '--stdin-file-path=client/src/wire.ts'],
    { input: text, encoding: 'utf8' },
  );
  return stdout || stderr;
};

it('client/src/wire.ts is printed from the schemas: "npx vitest run test/unit/guide -u" prints it again', async () => {
  const printed = wireTypes(JSON.parse(JSON.stringify(openApiDocument())), {
    schemas: [
      ...['Event', 'AcceptedBatch', 'Problem', 'Receipt', 'Summary'],
      ...['Series', 'Usage', 'EventsFound'],
    ],
    queries: { SummaryQuery: 'readSummary', SeriesQuery: 'readSeries', SearchQuery: 'searchEvents' },
  });

  await expect(format(printed)).toMatchFileSnapshot(resolve('client/src/wire.ts'));
});

it('a schema that has no type here is an error, rather than anything', () => {
  expect(() => typeOf({ oneOf: [] })).toThrow('No type is known');
});
