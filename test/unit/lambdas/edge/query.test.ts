import { expect, it } from 'vitest';
import { queryOf } from '../../../../lambdas/edge/query.ts';

const read = (query: Record<string, string[]> | null) =>
  queryOf({ multiValueQueryStringParameters: query }, 'GET /v1/accounts/{account_id}/summary');
const refusal = (parameter: string, detail: string) =>
  expect.objectContaining({ code: 'invalid_parameter', extra: { parameter, detail } });

it('has each parameter that is given, once', () => {
  expect(read(null)).toEqual({});
  expect(read({ to: ['now'], from: [''] })).toEqual({ from: '', to: 'now' });
});

it('names what is unknown, or given twice', () => {
  expect(() => read({ form: ['1h'] })).toThrow(refusal('form', '"form" is not known here.'));
  expect(() => read({ From: ['1h'] })).toThrow(refusal('From', '"From" is not known here.'));
  expect(() => read({ to: ['now', 'now'] })).toThrow(refusal('to', '"to" must be given once.'));
  expect(() => read({ ['x'.repeat(999)]: ['1'] })).toThrow(
    refusal('x'.repeat(64), `"${'x'.repeat(64)}" is not known here.`),
  );
});
