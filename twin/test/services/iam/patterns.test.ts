import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionMatcher, resourceMatcher, textMatcher } from '../../../src/services/iam/patterns.ts';

/** By trying every way. */
function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const [first, rest] = [pattern[0], pattern.slice(1)];
  if (first === '*') return naive(rest, text) || (text !== '' && naive(pattern, text.slice(1)));
  return text !== '' && (first === '?' || first === text[0]) && naive(rest, text.slice(1));
}
const anyText = (letters: string) =>
  fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((parts) => parts.join(''));

/** Of the last part of an ARN, where a wildcard stands for anything. */
const matches = (pattern: string, text: string) =>
  resourceMatcher(`arn:aws:s3:::${pattern}`)(`arn:aws:s3:::${text}`);

describe('a pattern', () => {
  it('means what trying every way finds', () => {
    fc.assert(
      fc.property(anyText('ab.*?\\[$'), anyText('ab.*\\[$\n'), (pattern, text) => {
        expect(matches(pattern, text)).toBe(naive(pattern, text));
        expect(textMatcher(pattern)(text)).toBe(naive(pattern, text));
      }),
      { seed: 21, numRuns: 2000 },
    );
  });

  it('means itself where it has no wildcard', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, text) => {
        fc.pre(!/[*?]/.test(pattern));
        expect(matches(pattern, pattern)).toBe(true);
        expect(matches(pattern, text)).toBe(pattern === text);
      }),
      { seed: 21 },
    );
  });

  it.each([
    ['dynamodb:GetItem', 'dynamodb:GetItem', true],
    ['DynamoDB:getitem', 'dynamodb:GetItem', true],
    ['dynamodb:Get*', 'dynamodb:GetItem', true],
    ['dynamodb:?etItem', 'dynamodb:GetItem', true],
    ['*', 'dynamodb:GetItem', true],
    ['dynamodb:Get', 'dynamodb:GetItem', false],
    ['kinesis:*', 'dynamodb:GetItem', false],
  ])('%s of actions means %s: %s', (pattern, action, expected) => {
    expect(actionMatcher(pattern)(action)).toBe(expected);
  });
});

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/pages';

describe('a pattern of ARNs', () => {
  it.each([
    ['*', true],
    [table, true],
    [`${table}*`, true],
    ['arn:aws:dynamodb:*:*:table/pages', true],
    ['arn:aws:dynamodb:us-east-1:000000000000:table/*', true],
    ['arn:aws:dynamodb:us-east-?:*:*', true],
    ['arn:aws:dynamodb:*:*:*', true],
    ['arn:aws:dynamodb:us-west-2:*:*', false],
    [`${table}/index/*`, false],
    [table.toUpperCase().replace('ARN:AWS', 'arn:aws'), false],
    ['arn:aws:dynamodb:*-1:*:table/pages', true],
    ['arn:aws:dynamodb:us?east?1:*:table/pages', true],
    ['arn:aws:dynamodb:us-east-1?000000000000:*:table/pages', false],
  ])('%s means a table: %s', (pattern, expected) => {
    expect(resourceMatcher(pattern)(table)).toBe(expected);
  });

  it('reaches over a colon before the resource only from the end of a part', () => {
    const group = 'arn:aws:logs:us-east-1:000000000000:log-group:one';

    expect(resourceMatcher('arn:aws:logs:us-*:*:one')(group)).toBe(true);
    expect(resourceMatcher('arn:aws:logs:u*1:000000000000:one')(group)).toBe(false);
    expect(resourceMatcher('arn:aws:logs:u*p:log-group:one:x')(group)).toBe(false);
  });

  it('reaches over colons in its last part, and over slashes', () => {
    expect(resourceMatcher('arn:aws:s3:::bucket/*')('arn:aws:s3:::bucket/a/b:c:d')).toBe(true);
    expect(
      resourceMatcher('arn:aws:logs:*:*:log-group:one:*')('arn:aws:logs:r:0:log-group:one:stream:x'),
    ).toBe(true);
    expect(resourceMatcher('arn:aws:s3:::bucket')('arn:aws:s3:::bucket/a')).toBe(false);
  });
});
