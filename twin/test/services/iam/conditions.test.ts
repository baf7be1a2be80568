import { describe, expect, it } from 'vitest';
import { readCondition } from '../../../src/services/iam/conditions.ts';
import { policyVariable } from './fixture.ts';

const tenant = policyVariable('aws:PrincipalTag/tenant');
const keys = (...values: readonly string[]) => ({ leadingKeys: () => values });
const wants = (...values: readonly string[]) => ({
  'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': values },
});
const wantsLike = (...values: readonly string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': values },
});

describe('a condition on the leading keys', () => {
  it.each([
    [['a', 'b'], keys('a'), true],
    [['a', 'b'], keys('a', 'b', 'a'), true],
    [['a', 'b'], keys('a', 'c'), false],
    [['a'], keys('A'), false],
    [['a*'], keys('a*'), true],
    [['a*'], keys('ab'), false],
    // As in AWS: a Scan has no leading keys.
    [['a'], {}, true],
    [['a'], keys(), true],
  ])('on %j of what a call has (%#): %s', (wanted, context, expected) => {
    expect(readCondition(wants(...wanted), 'Policy').holds(context)).toBe(expected);
  });

  it.each([
    [['a#*'], keys('a#'), true],
    [['a#*'], keys('a#1#two'), true],
    [['a#*'], keys('a#1', 'a#2'), true],
    [['a#*'], keys('a#1', 'b#1'), false],
    [['a#*', 'b#*'], keys('a#1', 'b#1'), true],
    [['a#*'], keys('a'), false],
    [['a#*'], keys('A#1'), false],
    [['a#*'], keys('xa#1'), false],
    [['a#*'], keys('a#1\nb'), true],
    [['a#?'], keys('a#1'), true],
    [['a#?'], keys('a#'), false],
    [['a#?'], keys('a#12'), false],
    [['a.#'], keys('ab#'), false],
    [['a'], keys('ab'), false],
    [['*'], keys('any'), true],
    [['a#*'], {}, true],
    [['a#*'], keys(), true],
  ])('like %j of what a call has (%#): %s', (wanted, context, expected) => {
    expect(readCondition(wantsLike(...wanted), 'Policy').holds(context)).toBe(expected);
  });

  it('holds where both of two do', () => {
    const both = readCondition({ ...wants('a#1', 'b#1'), ...wantsLike('a#*') }, 'Policy');

    expect(both.holds(keys('a#1'))).toBe(true);
    expect(both.holds(keys('a#2'))).toBe(false);
    expect(both.holds(keys('b#1'))).toBe(false);
  });

  it('is the same whatever the case of its name, and with one value or a list', () => {
    const block = { 'ForAllValues:StringEquals': { 'DynamoDB:leadingkeys': 'a' } };

    expect(readCondition(block, 'Policy').holds(keys('a'))).toBe(true);
    expect(readCondition(block, 'Policy').holds(keys('b'))).toBe(false);
  });
});

it.each([
  [{ StringEquals: { 'dynamodb:LeadingKeys': 'a' } }, 'the condition StringEquals of dynamodb:LeadingKeys'],
  [
    { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': 'a*' } },
    'the condition ForAnyValue:StringLike of dynamodb:LeadingKeys',
  ],
  [{ Bool: { 'aws:SecureTransport': 'true' } }, 'the condition Bool of aws:SecureTransport'],
  [
    { ...wants('a'), 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } },
    'the condition ForAllValues:StringEquals of aws:TagKeys',
  ],
  [wants(`${tenant}#1`), `the policy variable in ${tenant}#1`],
  [wantsLike(`${tenant}#*`), `the policy variable in ${tenant}#*`],
  ['any', 'a condition of the form "any"'],
])('%j ends the start with the place and what to do', (block, what) => {
  expect(() => readCondition(block, 'Policy, statement 2')).toThrow(
    `Policy, statement 2: ${what} is not modelled. Write the policy without it, or model it in src/services/iam/conditions.ts of the twin.`,
  );
});
