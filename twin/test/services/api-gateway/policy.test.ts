import { describe, expect, it } from 'vitest';
import { complaintAboutPolicy, permits } from '../../../src/services/api-gateway/policy.ts';

const arn = 'arn:aws:execute-api:us-east-1:000000000000:api/live/GET/items/1';
const invoke = 'execute-api:Invoke';
const allow = (Resource: unknown, Action: unknown = invoke) => ({
  Effect: 'Allow' as const,
  Action,
  Resource,
});
const deny = (Resource: unknown, Action: unknown = invoke) => ({ Effect: 'Deny' as const, Action, Resource });

describe('a policy permits', () => {
  it.each<[name: string, statements: Parameters<typeof permits>[0]['Statement'], permitted: boolean]>([
    ['what it allows', [allow(arn)], true],
    ['nothing without a statement', [], false],
    ['not what it denies', [deny(arn)], false],
    ['not what it denies after it allowed it', [allow('*'), deny(arn)], false],
    ['not what it denies before it allows it', [deny(arn), allow('*')], false],
    ['what it allows where it denies something else', [deny(`${arn}/x`), allow(arn)], true],
    ['what one of several resources names', [allow(['other', arn])], true],
    ['what one of several actions names', [allow(arn, ['execute-api:ManageConnections', invoke])], true],
    ['whatever case the action has', [allow(arn, 'Execute-API:invoke')], true],
    ['what a wildcard in the action covers', [allow(arn, 'execute-api:*')], true],
    ['nothing by another action', [allow(arn, 'execute-api:InvalidateCache')], false],
    ['nothing by an action of another service', [allow(arn, 's3:*')], false],
    ['nothing without an action', [{ Effect: 'Allow', Resource: arn }], false],
    ['nothing without a resource', [{ Effect: 'Allow', Action: invoke }], false],
    [
      'whatever a denial of another action says',
      [allow(arn), deny(arn, 'execute-api:InvalidateCache')],
      true,
    ],
  ])('%s', (_name, Statement, permitted) => {
    expect(permits({ Statement }, arn)).toBe(permitted);
  });

  it.each([
    ['*', true],
    ['arn:aws:execute-api:*:*:api/live/GET/*', true],
    ['arn:aws:execute-api:*:*:api/live/*/items/?', true],
    ['arn:aws:execute-api:*:*:api/live/GET/items/??', false],
    ['arn:aws:execute-api:*:*:api/live/GET/items', false],
    ['arn:aws:execute-api:*:*:api/LIVE/GET/items/1', false],
    ['arn:aws:execute-api:*:*:api/live/GET/items/.', false],
    ['arn:aws:execute-api:*:*:api/live/GET/items/[0-9]', false],
    ['arn:aws:execute-api:*:*:api/live/GET/items/1|x', false],
    ['arn:aws:execute-api:*:*:api/live/(GET)/items/1+', false],
    ['', false],
  ])('by the resource %s: %s', (resource, permitted) => {
    expect(permits({ Statement: [allow(resource)] }, arn)).toBe(permitted);
  });

  it.each([
    ['arn:aws:execute-api:us-east-1:000000000000:api/live/POST/items:check', true],
    ['arn:aws:execute-api:*:*:api/live/POST/items:*', true],
    ['arn:aws:execute-api:*:*:api/live/POST/items*', true],
    ['arn:aws:execute-api:us-east-1:000000000000:api/live/POST/items', false],
    ['arn:aws:execute-api:us-east-1:000000000000:api/live/POST/items:', false],
  ])('a path with a colon by the resource %s: %s', (resource, permitted) => {
    const withColon = 'arn:aws:execute-api:us-east-1:000000000000:api/live/POST/items:check';

    expect(permits({ Statement: [allow(resource)] }, withColon)).toBe(permitted);
  });

  it('by the very characters of a pattern', () => {
    const odd = `${arn}/a.b+c(d)[e]{f}|g^h$i\\j`;

    expect(permits({ Statement: [allow(odd)] }, odd)).toBe(true);
  });
});

const noStatements = 'its policyDocument has no list of statements';
const notModelled = (member: string) =>
  `its policyDocument has a statement with ${member}, which is not modelled`;

describe('a policy is not judged', () => {
  it.each<[name: string, policy: unknown, complaint: string]>([
    ['that is missing', undefined, noStatements],
    ['that is null', null, noStatements],
    ['without statements', { Version: '2012-10-17' }, noStatements],
    ['with one statement and no list', { Statement: allow(arn) }, noStatements],
    ['with a statement that is null', { Statement: [null] }, noStatements],
    ['with a statement that is text', { Statement: ['Allow'] }, noStatements],
    ['with a condition', { Statement: [{ ...allow(arn), Condition: {} }] }, notModelled('Condition')],
    [
      'with excepted actions',
      { Statement: [allow(arn), { Effect: 'Deny', NotAction: 'x', Resource: '*' }] },
      notModelled('NotAction'),
    ],
    [
      'with excepted resources',
      { Statement: [{ Effect: 'Allow', Action: invoke, NotResource: 'x' }] },
      notModelled('NotResource'),
    ],
    [
      'with an effect that IAM does not have',
      { Statement: [allow(arn), { ...deny(arn), Effect: 'deny' }] },
      'its policyDocument has a statement that neither allows nor denies',
    ],
  ])('%s', (_name, policy, complaint) => {
    expect(complaintAboutPolicy(policy)).toBe(complaint);
  });

  it('unless it has what is judged only', () => {
    expect(complaintAboutPolicy({ Statement: [{ ...allow(arn), Sid: 'one' }] })).toBeUndefined();
  });
});
