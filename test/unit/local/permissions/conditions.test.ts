import { describe, expect, it } from 'vitest';
import { readCondition } from '../../../../local/permissions/conditions.ts';
import { policyVariable } from './permissions-fixture.ts';

const tenant = policyVariable('aws:PrincipalTag/tenant');
const keys = (...values: readonly string[]) => ({ 'dynamodb:leadingkeys': () => values });
const none = {};
const within = (operation: string) => ({ 'dynamodb:enclosingoperation': () => [operation] });
const holds = (block: object, context: Parameters<ReturnType<typeof readCondition>['holds']>[0]) =>
  readCondition(block, 'Policy').holds(context);

describe('of a key with many values', () => {
  it.each([
    ['ForAllValues:StringEquals', ['a', 'b'], keys('a'), true],
    ['ForAllValues:StringEquals', ['a', 'b'], keys('a', 'b', 'a'), true],
    ['ForAllValues:StringEquals', ['a', 'b'], keys('a', 'c'), false],
    // As in AWS: a Scan has no leading keys.
    ['ForAllValues:StringEquals', ['a'], none, true],
    ['ForAllValues:StringEquals', ['a'], keys(), true],
    ['ForAllValues:StringLike', ['tenant#*'], keys('tenant#1', 'tenant#2'), true],
    ['ForAllValues:StringLike', ['tenant#*'], keys('tenant#1', 'platform'), false],
    ['ForAllValues:StringLike', ['tenant#?'], keys('tenant#12'), false],
    ['ForAllValues:StringNotEquals', ['a', 'b'], keys('c'), true],
    ['ForAllValues:StringNotEquals', ['a', 'b'], keys('c', 'b'), false],
    ['ForAnyValue:StringEquals', ['a'], keys('b', 'a'), true],
    ['ForAnyValue:StringEquals', ['a'], keys('b'), false],
    ['ForAnyValue:StringEquals', ['a'], none, false],
    ['ForAnyValue:StringNotEquals', ['a'], none, false],
    ['ForAnyValue:StringNotEquals', ['a'], keys('a', 'b'), true],
    ['ForAnyValue:StringEqualsIfExists', ['a'], none, true],
    ['ForAnyValue:StringEqualsIfExists', ['a'], keys('b'), false],
    ['ForAllValues:StringEqualsIgnoreCase', ['A'], keys('a'), true],
  ])('%s %j of what a call has (%#): %s', (operator, wanted, context, expected) => {
    expect(holds({ [operator]: { 'dynamodb:LeadingKeys': wanted } }, context)).toBe(expected);
  });

  it('an operator for one value ends the start', () => {
    expect(() => holds({ StringEquals: { 'dynamodb:LeadingKeys': 'a' } }, none)).toThrow(
      'Policy: StringEquals of dynamodb:LeadingKeys, without ForAllValues or ForAnyValue, is not modelled.',
    );
  });
});

describe('of a key with one value', () => {
  it.each([
    ['StringEquals', 'ExecuteTransaction', within('ExecuteTransaction'), true],
    ['StringEquals', 'executetransaction', within('ExecuteTransaction'), false],
    ['StringEqualsIgnoreCase', 'executetransaction', within('ExecuteTransaction'), true],
    ['StringNotEqualsIgnoreCase', 'executetransaction', within('ExecuteTransaction'), false],
    ['StringEquals', 'ExecuteTransaction', none, false],
    ['StringEqualsIfExists', 'ExecuteTransaction', none, true],
    ['StringNotEquals', 'ExecuteTransaction', none, true],
    ['StringNotEquals', ['a', 'b'], within('b'), false],
    ['StringLike', 'Transact*', within('TransactWriteItems'), true],
    ['StringNotLike', 'Transact*', within('TransactWriteItems'), false],
    ['ForAnyValue:StringEquals', ['TransactWriteItems'], within('TransactWriteItems'), true],
    ['Null', 'true', none, true],
    ['Null', 'true', within('a'), false],
    ['Null', false, within('a'), true],
  ])('%s %j of what a call has (%#): %s', (operator, wanted, context, expected) => {
    expect(holds({ [operator]: { 'dynamodb:EnclosingOperation': wanted } }, context)).toBe(expected);
  });

  it.each([
    ['Bool', 'aws:SecureTransport', 'true', true],
    ['Bool', 'aws:SecureTransport', false, false],
    ['Bool', 'AWS:securetransport', true, true],
    ['StringEquals', 'aws:RequestedRegion', 'us-east-1', true],
    ['StringEquals', 'aws:PrincipalAccount', '000000000000', true],
    ['StringEquals', 'aws:ResourceAccount', '111111111111', false],
    ['StringEquals', 'aws:SourceAccount', '000000000000', false],
    ['StringLike', 'aws:SourceArn', 'arn:aws:s3:::*', false],
    ['StringNotLike', 'aws:SourceArn', 'arn:aws:s3:::*', true],
  ])('%s %s %s, which is the same in every call: %s', (operator, key, wanted, expected) => {
    expect(holds({ [operator]: { [key]: wanted } }, none)).toBe(expected);
  });
});

it('all keys and operators have to hold', () => {
  const both = {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': 'a', 'dynamodb:EnclosingOperation': 'b' },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };

  expect(holds(both, { ...keys('a'), ...within('b') })).toBe(true);
  expect(holds(both, { ...keys('a'), ...within('c') })).toBe(false);
  expect(holds(both, within('b'))).toBe(false);
});

it.each([
  [
    { DateGreaterThan: { 'aws:CurrentTime': '2026' } },
    'the condition key aws:CurrentTime is not modelled. Add it to local/permissions/context-keys.ts.',
  ],
  [
    { NumericLessThan: { 'aws:RequestedRegion': 3 } },
    'the condition operator NumericLessThan is not modelled. Add it to local/permissions/conditions.ts.',
  ],
  [
    { 'ForSomeValues:StringEquals': { 'aws:RequestedRegion': 'x' } },
    'the condition operator ForSomeValues:StringEquals is not modelled.',
  ],
  [{ constructor: { 'aws:RequestedRegion': 'x' } }, 'the condition operator constructor is not modelled.'],
  [{ StringEquals: { toString: 'x' } }, 'the condition key toString is not modelled.'],
  [
    { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': `${tenant}#*` } },
    `the policy variable in ${tenant}#* is not modelled.`,
  ],
])('%j ends the start with the place and what to do', (block, words) => {
  expect(() => readCondition(block, 'Policy, statement 2')).toThrow(`Policy, statement 2: ${words}`);
});
