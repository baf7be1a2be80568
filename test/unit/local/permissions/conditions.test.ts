import { describe, expect, it } from 'vitest';
import { readCondition } from '../../../../local/permissions/conditions.ts';
import { policyVariable } from './permissions-fixture.ts';

const tenant = policyVariable('aws:PrincipalTag/tenant');
const keys = (...values: readonly string[]) => ({ leadingKeys: () => values });
const wants = (...values: readonly string[]) => ({
  'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': values },
});

describe('a condition on the leading keys', () => {
  it.each([
    [['a', 'b'], keys('a'), true],
    [['a', 'b'], keys('a', 'b', 'a'), true],
    [['a', 'b'], keys('a', 'c'), false],
    [['a'], keys('A'), false],
    // As in AWS: a Scan has no leading keys.
    [['a'], {}, true],
    [['a'], keys(), true],
  ])('on %j of what a call has (%#): %s', (wanted, context, expected) => {
    expect(readCondition(wants(...wanted), 'Policy').holds(context)).toBe(expected);
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
    { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'a*' } },
    'the condition ForAllValues:StringLike of dynamodb:LeadingKeys',
  ],
  [{ Bool: { 'aws:SecureTransport': 'true' } }, 'the condition Bool of aws:SecureTransport'],
  [
    { ...wants('a'), 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } },
    'the condition ForAllValues:StringEquals of aws:TagKeys',
  ],
  [wants(`${tenant}#1`), `the policy variable in ${tenant}#1`],
  ['any', 'a condition of the form "any"'],
])('%j ends the start with the place and what to do', (block, what) => {
  expect(() => readCondition(block, 'Policy, statement 2')).toThrow(
    `Policy, statement 2: ${what} is not modelled. Add it to local/permissions/conditions.ts.`,
  );
});
