import { describe, expect, it } from 'vitest';
import { createPolicyEvaluator, type Need } from '../../../src/services/iam/policy-evaluation.ts';
import { readStatements } from '../../../src/services/iam/statements.ts';
import { allows, policyOf, policyVariable, type StatementOf, tableArn } from './fixture.ts';

const judgeOf = (...statements: readonly StatementOf[]) =>
  createPolicyEvaluator({ statements: readStatements(policyOf(...statements), 'Policy') });
const get: Need = { action: 'dynamodb:GetItem', resource: tableArn('ledger') };
const put: Need = { action: 'dynamodb:PutItem', resource: tableArn('ledger') };
const isAllowed = (need: Need, ...statements: readonly StatementOf[]) =>
  'grant' in judgeOf(...statements).evaluate(need);

describe('a role', () => {
  it('may do what a statement grants on the resource, and nothing else', () => {
    const grant = allows(['dynamodb:GetItem', 'dynamodb:Query'], [tableArn('ledger'), tableArn('pages')]);

    expect(isAllowed(get, grant)).toBe(true);
    expect(isAllowed(put, grant)).toBe(false);
    expect(isAllowed({ ...get, resource: tableArn('accounts') }, grant)).toBe(false);
    expect(isAllowed({ ...get, resource: `${tableArn('ledger')}/index/by-owner` }, grant)).toBe(false);
    expect(isAllowed(get)).toBe(false);
  });

  it('may not do what a statement denies, whatever grants it and in whatever order', () => {
    const grant = allows('dynamodb:*', '*');
    const denial = { ...allows('dynamodb:Put*', '*'), Effect: 'Deny' };

    for (const statements of [
      [grant, denial],
      [denial, grant],
    ]) {
      expect(judgeOf(...statements).evaluate(put)).toEqual({ denied: 'explicitly' });
      expect(isAllowed(get, ...statements)).toBe(true);
    }
    expect(judgeOf(denial).evaluate(get)).toEqual({ denied: 'implicitly' });
  });

  it('is denied only what meets the condition of a denial', () => {
    const denial = {
      ...allows('dynamodb:*', '*', {
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': 'theirs' } },
      }),
      Effect: 'Deny',
    };
    const withKey = (key: string) => ({ ...get, context: { leadingKeys: () => [key] } });

    expect(isAllowed(withKey('mine'), allows('dynamodb:*', '*'), denial)).toBe(true);
    expect(isAllowed(withKey('theirs'), allows('dynamodb:*', '*'), denial)).toBe(false);
  });

  it('is asked anew for each call where a condition decides', () => {
    const grant = allows('dynamodb:GetItem', tableArn('ledger'), {
      Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['mine'] } },
    });
    const judge = judgeOf(grant);
    const withKey = (need: Need, key: string) => ({
      ...need,
      context: { leadingKeys: () => [key] },
    });

    const verdicts = ['mine', 'yours', 'mine'].map((key) => 'grant' in judge.evaluate(withKey(get, key)));

    expect(verdicts).toEqual([true, false, true]);
  });
});

it('each action on each resource is a grant by itself', () => {
  const { grants } = judgeOf(
    allows(['dynamodb:GetItem', 'dynamodb:Query'], [tableArn('ledger'), tableArn('pages')]),
    { ...allows('dynamodb:Scan', '*'), Effect: 'Deny' },
  );

  expect(grants.map(({ action, resource }) => [action.text, resource.text])).toEqual([
    ['dynamodb:GetItem', tableArn('ledger')],
    ['dynamodb:GetItem', tableArn('pages')],
    ['dynamodb:Query', tableArn('ledger')],
    ['dynamodb:Query', tableArn('pages')],
  ]);
});

describe('the start ends', () => {
  const user = policyVariable('aws:username');
  const { Action: _, ...noAction } = allows('', '*');
  const { Resource: __, ...noResource } = allows('a:b', '');
  it.each<[string, unknown, string]>([
    [
      'an element',
      policyOf({ ...allows('a:b', '*'), Principal: '*' }),
      'statement 1: the element Principal is not modelled',
    ],
    ['an element of the document', { ...policyOf(), Id: 'x' }, 'Policy: the element Id is not modelled'],
    [
      'an older version',
      { Version: '2008-10-17', Statement: [] },
      'the version 2008-10-17 of a policy is not',
    ],
    ['no version', { Statement: [] }, 'the version undefined of a policy is not'],
    ['no document', undefined, 'a policy without a document is not'],
    ['an effect', policyOf({ ...allows('a:b', '*'), Effect: 'Maybe' }), 'the effect Maybe is not'],
    ['no action', policyOf(noAction), 'a statement without actions or resources is not'],
    ['no resource', policyOf(noResource), 'a statement without actions or resources is not'],
    ['NotAction', policyOf({ ...noAction, NotAction: 'a:b' }), 'the element NotAction is not'],
    ['NotResource', policyOf({ ...noResource, NotResource: '*' }), 'the element NotResource is not'],
    [
      'a policy variable',
      policyOf(allows('a:b', `arn:aws:s3:::b/${user}`)),
      `the policy variable in arn:aws:s3:::b/${user} is not`,
    ],
    [
      'a resource that is no ARN',
      policyOf(allows('a:b', 'ledger')),
      'the resource ledger, which is no whole ARN, is not',
    ],
    [
      'an ARN that is cut short',
      policyOf(allows('a:b', 'arn:aws:s3:*')),
      'the resource arn:aws:s3:*, which is no whole ARN, is not',
    ],
    ['an action that is none', policyOf(allows('GetItem', '*')), 'the action GetItem is not'],
  ])('for %s that is not known', (_name, document, words) => {
    expect(() => readStatements(document, 'Policy')).toThrow(words);
  });
});
