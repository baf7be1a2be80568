import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { errorFields } from '../../../../lambdas/runtime/error-fields.ts';

const refused = new Error('connect ECONNREFUSED 127.0.0.1:8000');
const denied = Object.assign(
  new Error(
    'User: arn:aws:sts::123456789012:assumed-role/weir-prod-stateless-ConsumerConsumeRole54235366-ABCDEFGHIJKL/weir-prod-consume ' +
      'is not authorized to perform: dynamodb:BatchGetItem on resource: arn:aws:dynamodb:eu-central-1:123456789012:table/weir-prod-ledger',
  ),
  {
    name: 'AccessDeniedException',
    $metadata: { httpStatusCode: 400, requestId: 'AWS-REQUEST', attempts: 1 },
  },
);

describe('a transient error is logged', () => {
  it('by its call and its causes down to the root, without a stack', () => {
    const error = new Unavailable('BatchGetItem did not succeed.', {
      cause: new Error('socket hang up', { cause: refused }),
    });

    expect(errorFields(error)).toEqual({
      unavailable: 'BatchGetItem did not succeed.',
      causes: ['Error: socket hang up', 'Error: connect ECONNREFUSED 127.0.0.1:8000'],
    });
  });

  it('with what AWS answered: action, resource, status and the id of its request', () => {
    const fields = errorFields(new Unavailable('BatchGetItem did not succeed.', { cause: denied }));

    expect(fields).toMatchObject({ aws: { status: 400, request_id: 'AWS-REQUEST', attempts: 1 } });
    const [cause] = (fields as unknown as { causes: string[] }).causes;
    expect(cause).toContain('AccessDeniedException: User: arn:aws:sts');
    expect(cause).toContain('dynamodb:BatchGetItem');
    expect(cause).toContain('table/weir-prod-ledger');
  });

  it('by the first of several failures at once, and by what is no error at all', () => {
    const several = new AggregateError([refused, new Error('another address')]);

    expect(errorFields(new Unavailable('x', { cause: several }))).toMatchObject({
      causes: ['AggregateError', 'Error: connect ECONNREFUSED 127.0.0.1:8000'],
    });
    expect(errorFields(new Unavailable('x', { cause: { code: 'E1' } }))).toMatchObject({
      causes: ['{"code":"E1"}'],
    });
  });

  it('without causes where there are none', () => {
    expect(errorFields(new Unavailable('The breaker is open.'))).toEqual({
      unavailable: 'The breaker is open.',
    });
  });

  it('in a bounded line that keeps both ends of long texts, however long the chain is', () => {
    let cause = new Error(`root ${'y'.repeat(5000)} end of the root`);
    for (let depth = 0; depth < 20; depth += 1) cause = new Error(`${depth} ${'x'.repeat(5000)}`, { cause });

    const text = JSON.stringify(errorFields(new Unavailable(`call ${'z'.repeat(5000)}`, { cause })));

    expect(text).toContain('root yyy');
    expect(text).toContain('end of the root');
    expect(text.length).toBeLessThan(2600);
  });
});

it('any other error is logged whole: it is a bug, and its stack is needed', () => {
  const bug = new TypeError('events is not iterable');

  expect(errorFields(bug)).toEqual({ error: bug });
});
