import { expect, it } from 'vitest';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { errorFields } from '../../../../lambdas/runtime/error-fields.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:8000'), { code: 'ECONNREFUSED' });
const awsError = new Error('the SDK gave up', { cause: refused });

it('names the call and the root of the causes of a transient error, and no stack', () => {
  const error = new Unavailable('The table pages does not answer.', { cause: awsError });

  expect(errorFields(error)).toEqual({
    unavailable: 'The table pages does not answer.',
    cause: 'Error: connect ECONNREFUSED 127.0.0.1:8000',
  });
});

it('leaves the cause out where there is none', () => {
  expect(errorFields(new Unavailable('The breaker is open.'))).toEqual({
    unavailable: 'The breaker is open.',
  });
});

it('stays short, however long the causes are', () => {
  const cause = new Error('x'.repeat(5000), { cause: new Error('y'.repeat(5000)) });

  const text = JSON.stringify(errorFields(new Unavailable('A table is away.', { cause })));

  expect(text).toContain('A table is away.');
  expect(text.length).toBeLessThan(300);
});

it('keeps any other error whole: it is a bug, and its stack is needed', () => {
  const bug = new TypeError('events is not iterable');

  expect(errorFields(bug)).toEqual({ error: bug });
});
