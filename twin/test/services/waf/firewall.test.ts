import { get } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StackTemplate } from '../../../src/template/assembly.ts';
import { keptMetrics } from '../../fixture.ts';
import { gatewayResponse, startGateway, type TestGateway } from '../api-gateway/fixture.ts';

let running: TestGateway | undefined;
let nowMs = 0;
let served = 0;
let metrics: ReturnType<typeof keptMetrics>;

beforeEach(() => {
  nowMs = Date.parse('2026-11-18T12:00:00Z');
  served = 0;
  metrics = keptMetrics();
});

const block = { Action: { Block: {} } };
const count = { Action: { Count: {} } };

const byteMatch = (
  FieldToMatch: object,
  PositionalConstraint: string,
  SearchString: string,
  ...types: string[]
) => ({
  ByteMatchStatement: {
    FieldToMatch,
    PositionalConstraint,
    SearchString,
    TextTransformations: (types.length === 0 ? ['NONE'] : types).map((Type, Priority) => ({
      Priority,
      Type,
    })),
  },
});
const uriPath = { UriPath: {} };
const regexMatch = (RegexString: string, Type = 'NONE') => ({
  RegexMatchStatement: {
    ...{ FieldToMatch: uriPath, RegexString },
    TextTransformations: [{ Priority: 0, Type }],
  },
});
const method = { Method: {} };
const header = (Name: string) => ({ SingleHeader: { Name } });

const rate = (Limit: number, settings: object = {}, rest: object = block) => ({
  Name: `at-most-${Limit}`,
  Priority: Limit,
  Statement: { RateBasedStatement: { Limit, AggregateKeyType: 'IP', ...settings } },
  ...rest,
});
/** A rule that blocks what the statement matches, from the first request on. */
const blocking = (ScopeDownStatement: object) => rate(0, { ScopeDownStatement });

const webAcl = (
  Rules: readonly object[],
  DefaultAction: object = { Allow: {} },
): StackTemplate['Resources'] => ({
  Acl: { Type: 'AWS::WAFv2::WebACL', Properties: { Name: 'guard', Scope: 'REGIONAL', DefaultAction, Rules } },
  Association: {
    Type: 'AWS::WAFv2::WebACLAssociation',
    Properties: {
      WebACLArn: { 'Fn::GetAtt': ['Acl', 'Arn'] },
      ResourceArn: {
        'Fn::Join': [
          '',
          [
            'arn:aws:apigateway:',
            { Ref: 'AWS::Region' },
            '::/restapis/',
            { Ref: 'Api' },
            '/stages/',
            { Ref: 'Stage' },
          ],
        ],
      },
    },
  },
});

async function start(rules: readonly object[], changes: StackTemplate['Resources'] = {}): Promise<void> {
  const serve = () => {
    served += 1;
    return { statusCode: 200 };
  };
  running = await startGateway({ serve }, { ...webAcl(rules), ...changes }, undefined, {
    now: () => nowMs,
    metrics: metrics.sink,
  });
}

const ask = (path: string, init: RequestInit = {}) => fetch(`${running?.url}${path}`, init);

async function statuses(requests: number, path = '/items', init?: RequestInit): Promise<readonly number[]> {
  const seen: number[] = [];
  while (seen.length < requests) seen.push((await ask(path, init)).status);
  return seen;
}

describe('a rate-based rule', () => {
  it('blocks what is more than its limit, and nothing behind it sees the request', async () => {
    await start([rate(3)]);

    expect(await statuses(3)).toEqual([200, 200, 200]);
    const blocked = await ask('/items');

    expect(blocked.status).toBe(403);
    expect(blocked.headers.get('x-amzn-errortype')).toBe('ForbiddenException');
    expect(await blocked.json()).toEqual({ message: 'Forbidden' });
    expect(served).toBe(3);
  });

  it('blocks in the words of the template', async () => {
    await start([rate(0)], {
      Filtered: gatewayResponse('WAF_FILTERED', '418', '{"type":"$context.error.responseType"}'),
    });

    const blocked = await ask('/items');

    expect(blocked.status).toBe(418);
    expect(await blocked.json()).toEqual({ type: 'WAF_FILTERED' });
  });

  it('comes before the route: paths that there are not count as well', async () => {
    await start([rate(2)]);

    expect(await statuses(3, '/nowhere')).toEqual([403, 403, 403]);
    expect(await statuses(1, '/items')).toEqual([403]);
  });

  it('comes before the body: one that is too large is not even looked at', async () => {
    await start([rate(1)]);
    const tooLarge = { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) };

    expect(await statuses(2, '/items', tooLarge)).toEqual([413, 403]);
  });

  it.each([
    [60, { EvaluationWindowSec: 60 }],
    [300, {}],
    [600, { EvaluationWindowSec: 600 }],
  ])('looks back %i seconds', async (windowSeconds, settings) => {
    await start([rate(2, settings)]);
    await statuses(2);

    nowMs += (windowSeconds - 1) * 1000;
    expect(await statuses(1)).toEqual([403]);
    // The two are past; the blocked one is not, and counts.
    nowMs += (windowSeconds / 60 + 1) * 1000;
    expect(await statuses(2)).toEqual([200, 403]);
  });

  it('keeps who goes on at the same rate blocked', async () => {
    await start([rate(5, { EvaluationWindowSec: 60 })]);
    await statuses(5);

    for (let tenSeconds = 0; tenSeconds < 30; tenSeconds += 1) {
      nowMs += 10_000;
      expect(await statuses(1)).toEqual([403]);
    }
    nowMs += 62_000;
    expect(await statuses(1)).toEqual([200]);
  });

  it('that counts blocks nobody', async () => {
    await start([rate(0, {}, count)]);

    expect(await statuses(3)).toEqual([200, 200, 200]);
  });

  it('counts only what its scope holds, and blocks nothing else', async () => {
    await start([rate(1, { ScopeDownStatement: byteMatch(uriPath, 'ENDS_WITH', '/latest') })]);

    expect(await statuses(3, '/items')).toEqual([200, 200, 200]);
    expect(await statuses(2, '/items/latest')).toEqual([200, 403]);
    expect(await statuses(1, '/items')).toEqual([200]);
  });

  it('counts each address by itself', async () => {
    await start([rate(1)]);
    const from = (address: string) => ({ headers: { 'x-weir-client-address': address } });

    expect(await statuses(2, '/items', from('192.0.2.1'))).toEqual([200, 403]);
    expect(await statuses(2, '/items', from('2001:db8::1'))).toEqual([200, 403]);
    expect(await statuses(2)).toEqual([200, 403]);
  });

  it('over all of its scope counts all addresses together', async () => {
    await start([
      rate(1, { AggregateKeyType: 'CONSTANT', ScopeDownStatement: byteMatch(method, 'EXACTLY', 'GET') }),
    ]);

    expect(await statuses(2)).toEqual([200, 403]);
    expect(await statuses(1, '/items', { method: 'POST' })).toEqual([200]);
  });

  it('does not see what one of a higher priority blocks', async () => {
    // Listed in the other order: priorities are numbers, and the lowest comes first.
    await start([
      rate(2, { AggregateKeyType: 'CONSTANT', ScopeDownStatement: byteMatch(method, 'EXACTLY', 'GET') }),
      rate(1, { ScopeDownStatement: byteMatch(header('x-loud'), 'EXACTLY', 'yes') }),
    ]);
    const loud = { headers: { 'x-loud': 'yes' } };

    expect(await statuses(5, '/items', loud)).toEqual([200, 403, 403, 403, 403]);
    expect(await statuses(2)).toEqual([200, 403]);
  });
});

describe('a scope', () => {
  const get = byteMatch(method, 'EXACTLY', 'GET');
  const latest = byteMatch(uriPath, 'CONTAINS', 'latest');
  const not = (Statement: object) => ({ NotStatement: { Statement } });

  it.each<[what: string, statement: object, path: string, init: RequestInit, status: number]>([
    ['the path from its stage on', byteMatch(uriPath, 'STARTS_WITH', '/api/items'), '/items', {}, 403],
    ['nothing of the query', byteMatch(uriPath, 'CONTAINS', 'latest'), '/items?a=latest', {}, 200],
    ['a path as it is written', byteMatch(uriPath, 'EXACTLY', '/api/items/x'), '/items/X', {}, 200],
    [
      'a path in small letters',
      byteMatch(uriPath, 'EXACTLY', '/api/items/x', 'NONE', 'LOWERCASE'),
      '/items/X',
      {},
      403,
    ],
    [
      'a path that is encoded, decoded',
      byteMatch(uriPath, 'ENDS_WITH', ':x', 'URL_DECODE'),
      '/items%3Ax',
      {},
      403,
    ],
    [
      'a path that cannot be decoded as it is',
      byteMatch(uriPath, 'ENDS_WITH', '%', 'URL_DECODE'),
      '/items/%',
      {},
      403,
    ],
    [
      'a header by any case of its name',
      byteMatch(header('X-One'), 'ENDS_WITH', 'b'),
      '/items',
      { headers: { 'x-oNe': 'ab' } },
      403,
    ],
    ['a path by an expression', regexMatch('^/api/it[a-z]+$'), '/items', {}, 403],
    ['the case of an expression', regexMatch('^/api/It[a-z]+$'), '/items', {}, 200],
    ['a path by an expression as it is sent', regexMatch('^/api/items/x$'), '/items/%78', {}, 200],
    ['a path by an expression, decoded', regexMatch('^/api/items/x$', 'URL_DECODE'), '/items/%78', {}, 403],
    ['no header that is not there', byteMatch(header('x-one'), 'CONTAINS', ''), '/items', {}, 200],
    ['the one and the other', { AndStatement: { Statements: [get, latest] } }, '/items/latest', {}, 403],
    ['the one and not the other', { AndStatement: { Statements: [get, latest] } }, '/items', {}, 200],
    ['the one or the other', { OrStatement: { Statements: [get, latest] } }, '/items', {}, 403],
    ['neither', { OrStatement: { Statements: [get, latest] } }, '/items', { method: 'POST' }, 200],
    ['what another does not', not(get), '/items', { method: 'POST' }, 403],
    ['what two do not', not({ OrStatement: { Statements: [get, latest] } }), '/items', {}, 200],
  ])('matches %s', async (_what, statement, path, init, status) => {
    await start([blocking(statement)]);

    expect(await statuses(1, path, init)).toEqual([status]);
  });

  it('may be written in base64', async () => {
    const { SearchString, ...rest } = byteMatch(uriPath, 'EXACTLY', '/api/items').ByteMatchStatement;
    const SearchStringBase64 = Buffer.from(SearchString).toString('base64');
    await start([blocking({ ByteMatchStatement: { ...rest, SearchStringBase64 } })]);

    expect(await statuses(1)).toEqual([403]);
  });
});

const managed = (
  Priority: number,
  Name: string,
  settings: object = {},
  OverrideAction: object = { None: {} },
) => ({
  Name: `known-${Priority}`,
  Priority,
  Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name, ...settings } },
  OverrideAction,
});
const common = 'AWSManagedRulesCommonRuleSet';
const large = { method: 'POST', body: Buffer.alloc(8 * 1024 + 1) };
const atLimit = { method: 'POST', body: Buffer.alloc(8 * 1024) };

describe('the core rule set', () => {
  it('blocks bodies of more than 8 KB', async () => {
    await start([managed(1, common)]);

    expect(await statuses(1, '/items', atLimit)).toEqual([200]);
    expect(await statuses(1, '/items', large)).toEqual([403]);
  });

  it('blocks who sends no user agent', async () => {
    await start([managed(1, common)]);
    const { hostname, port } = new URL(running?.url ?? '');
    const status = await new Promise((resolve, reject) =>
      get({ hostname, port, path: '/items' }, (answer) => resolve(answer.resume().statusCode)).on(
        'error',
        reject,
      ),
    );

    expect(status).toBe(403);
  });

  it('only counts as a whole if it is overridden', async () => {
    await start([managed(1, common, {}, { Count: {} })]);

    expect(await statuses(1, '/items', large)).toEqual([200]);
  });

  it('is of no concern to a request that its scope does not hold', async () => {
    await start([managed(1, common, { ScopeDownStatement: byteMatch(uriPath, 'ENDS_WITH', '/latest') })]);

    expect(await statuses(1, '/items', large)).toEqual([200]);
  });

  it('with a rule that only counts leaves it to a later rule, by the label, what to block', async () => {
    await start([
      managed(1, common, {
        RuleActionOverrides: [{ Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } }],
      }),
      {
        Name: 'elsewhere',
        Priority: 2,
        Statement: {
          AndStatement: {
            Statements: [
              {
                LabelMatchStatement: {
                  Scope: 'LABEL',
                  Key: 'awswaf:managed:aws:core-rule-set:SizeRestrictions_Body',
                },
              },
              { NotStatement: { Statement: byteMatch(uriPath, 'ENDS_WITH', '/items') } },
            ],
          },
        },
        ...block,
      },
    ]);

    expect(await statuses(1, '/items', large)).toEqual([200]);
    expect(await statuses(1, '/items/latest', large)).toEqual([403]);
    expect(await statuses(1, '/items/latest', atLimit)).not.toEqual([403]);
  });
});

describe('a web ACL', () => {
  it('may block by default', async () => {
    await start([], webAcl([], { Block: {} }));

    expect(await statuses(1)).toEqual([403]);
  });

  it('of another stage is of no concern', async () => {
    const { Acl } = webAcl([rate(0)]);
    await start([], {
      ...(Acl && { Acl }),
      Association: {
        Type: 'AWS::WAFv2::WebACLAssociation',
        Properties: {
          WebACLArn: { 'Fn::GetAtt': ['Acl', 'Arn'] },
          ResourceArn: 'arn:aws:apigateway:us-east-1::/restapis/weir-test-Api/stages/other',
        },
      },
    });

    expect(await statuses(1)).toEqual([200]);
  });

  it('may block with an answer of its own, which comes before the gateway response', async () => {
    const CustomResponse = {
      ResponseCode: 429,
      CustomResponseBodyKey: 'slow-down',
      ResponseHeaders: [{ Name: 'Retry-After', Value: '60' }],
    };
    const [Acl, Association] = Object.values(
      webAcl([rate(0, {}, { Action: { Block: { CustomResponse } } })]),
    );
    const CustomResponseBodies = { 'slow-down': { ContentType: 'APPLICATION_JSON', Content: '{"wait":60}' } };
    await start([], {
      ...(Acl && { Acl: { ...Acl, Properties: { ...Acl.Properties, CustomResponseBodies } } }),
      ...(Association && { Association }),
      Filtered: gatewayResponse('WAF_FILTERED', '418', '{}'),
    });

    const blocked = await ask('/items');

    expect(blocked.status).toBe(429);
    expect(blocked.headers.get('retry-after')).toBe('60');
    expect(blocked.headers.get('content-type')).toBe('application/json');
    expect(await blocked.json()).toEqual({ wait: 60 });
    expect(served).toBe(0);
  });

  it('tells at the start what of it is not applied, and lets it pass', async () => {
    await start([
      managed(9, 'AWSManagedRulesSQLiRuleSet'),
      managed(8, common, { VendorName: 'Someone' }),
      { Name: 'abroad', Priority: 7, Statement: { GeoMatchStatement: { CountryCodes: ['CH'] } }, ...block },
    ]);

    expect(running?.reports).toEqual([
      'web ACL guard: rule abroad: the statement GeoMatchStatement is not modelled. The rule lets everything pass.',
      'web ACL guard: rule known-8: the rule group AWSManagedRulesCommonRuleSet is not modelled. It lets everything pass.',
      'web ACL guard: rule known-9: the rule group AWSManagedRulesSQLiRuleSet is not modelled. It lets everything pass.',
    ]);
    expect(await statuses(1)).toEqual([200]);
  });

  it.each<[what: string, rule: object, message: string]>([
    [
      'a statement',
      blocking({ NotStatement: { Statement: { GeoMatchStatement: { CountryCodes: ['CH'] } } } }),
      'web ACL guard: rule at-most-0: the statement GeoMatchStatement is not modelled',
    ],
    [
      'a field',
      blocking(byteMatch({ QueryString: {} }, 'EXACTLY', 'a')),
      'rule at-most-0: the field QueryString of a ByteMatchStatement is not modelled',
    ],
    [
      'an expression',
      blocking(regexMatch('(?<!')),
      'rule at-most-0: the regular expression (?<! cannot be read',
    ],
    [
      'a position',
      blocking(byteMatch(uriPath, 'CONTAINS_WORD', 'a')),
      'rule at-most-0: the PositionalConstraint CONTAINS_WORD of a ByteMatchStatement is not modelled',
    ],
    [
      'a transformation',
      blocking(byteMatch(uriPath, 'EXACTLY', 'a', 'CMD_LINE')),
      'rule at-most-0: the TextTransformation CMD_LINE of a ByteMatchStatement is not modelled',
    ],
    [
      'a key',
      rate(1, { AggregateKeyType: 'FORWARDED_IP' }),
      'rule at-most-1: the AggregateKeyType FORWARDED_IP is not modelled',
    ],
    [
      'an action',
      rate(1, {}, { Action: { Captcha: {} } }),
      'rule at-most-1: the action Captcha is not modelled',
    ],
  ])('fails the start by %s that the twin does not know', async (_what, rule, message) => {
    await expect(start([rule])).rejects.toThrow(message);
  });
});

it('measures what the web ACL and its rules allow, block and count', async () => {
  const visible = { VisibilityConfig: { MetricName: 'per-address', CloudWatchMetricsEnabled: true } };
  await start([rate(1, {}, { ...block, ...visible }), rate(0, {}, count)]);
  await statuses(3);

  const of = (Rule: string) => metrics.sums({ WebACL: 'guard', Region: 'us-east-1', Rule });
  expect(of('ALL')).toEqual({ AllowedRequests: 1, BlockedRequests: 2 });
  expect(of('per-address')).toEqual({ BlockedRequests: 2 });
  expect(of('at-most-0')).toEqual({ CountedRequests: 3 });
  expect(of('Default_Action')).toEqual({ AllowedRequests: 1 });
});
