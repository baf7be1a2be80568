import { describe, expect, it } from 'vitest';
import { type ApiDefinition, readApiDefinitions } from '../../../src/services/api-gateway/api-definition.ts';
import { ApiNotModelled } from '../../../src/services/api-gateway/api-not-modelled.ts';
import type { StackTemplate } from '../../../src/template/assembly.ts';
import { functionArn, invocationUri, templateOf } from '../../fixture.ts';
import { authorizer, gatewayResponse, method, pathResource, restApi, root, stage } from './fixture.ts';

type Resources = StackTemplate['Resources'];

const custom = { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } };
const proxy = { Type: 'AWS_PROXY', Uri: invocationUri('serve') };

const api: Resources = {
  Api: restApi({}),
  Stage: stage(),
  Authorizer: authorizer(),
  Items: pathResource(root, 'items'),
  ItemsMethod: method('Items', { Integration: proxy }),
};

function readOne(resources: Resources): ApiDefinition {
  const [definition] = readApiDefinitions(templateOf(resources));
  if (definition === undefined) throw new Error('The template has no REST API.');
  return definition;
}

const read = (changes: Resources) => readOne({ ...api, ...changes });
const items = (properties: object) => ({ ItemsMethod: method('Items', { ...custom, ...properties }) });
const without = (...names: readonly string[]): Resources =>
  Object.fromEntries(Object.entries(api).filter(([name]) => !names.includes(name)));

it('an app whose only API is an HTTP API is refused, and one beside a REST API is reported', () => {
  const http: Resources = { Http: { Type: 'AWS::ApiGatewayV2::Api', Properties: {} } };

  expect(() => readApiDefinitions(templateOf(http))).toThrow(
    'Http: HTTP and WebSocket APIs are not modelled, only REST APIs',
  );
  expect(read(http).logicalId).toBe('Api');
});

describe('the start is refused', () => {
  it.each<[what: string, changes: Resources, message: string]>([
    [
      'an integration that is no function',
      items({ Integration: { Type: 'HTTP_PROXY', Uri: 'https://example.com' } }),
      'ItemsMethod: integrations of type HTTP_PROXY are not modelled.',
    ],
    [
      'a mock that computes its answer',
      items({
        Integration: {
          Type: 'MOCK',
          RequestTemplates: { 'application/json': '{ statusCode: 200 }' },
          IntegrationResponses: [
            { StatusCode: '204', ResponseTemplates: { 'application/json': '#set($a = 1)' } },
          ],
        },
      }),
      'ItemsMethod: a MOCK integration with a response template, which the CDK makes for several CORS origins, is not modelled.',
    ],
    [
      'a mock with a header that the method does not declare',
      items({
        Integration: {
          Type: 'MOCK',
          IntegrationResponses: [
            { StatusCode: '204', ResponseParameters: { 'method.response.header.Vary': "'Origin'" } },
          ],
        },
      }),
      'ItemsMethod: a MOCK integration with method.response.header.Vary that no method response declares is not modelled.',
    ],
    [
      'a mock without an answer',
      items({ Integration: { Type: 'MOCK' } }),
      'ItemsMethod: a MOCK integration with none or several answers to choose from is not modelled.',
    ],
    [
      'a method without an integration',
      items({ Integration: undefined }),
      'ItemsMethod: integrations of type undefined are not modelled.',
    ],
    [
      'an integration with what is no function',
      items({ Integration: { Type: 'AWS_PROXY', Uri: 'arn:aws:apigateway:us-east-1:sns:action/Publish' } }),
      'ItemsMethod: arn:aws:apigateway:us-east-1:sns:action/Publish is not the address of a function.',
    ],
    [
      'an authorization that no authorizer does',
      items({ AuthorizationType: 'AWS_IAM' }),
      'ItemsMethod: authorization AWS_IAM is not modelled.',
    ],
    [
      'an authorizer that is not there',
      items({ AuthorizerId: 'gone' }),
      'ItemsMethod: authorization CUSTOM is not modelled.',
    ],
    [
      'an authorizer of another type',
      { Authorizer: authorizer({ Type: 'TOKEN' }) },
      'Authorizer: authorizers of type TOKEN are not modelled.',
    ],
    [
      'an authorizer that is no function',
      { Authorizer: authorizer({ AuthorizerUri: 'https://example.com' }) },
      'Authorizer: https://example.com is not the address of a function.',
    ],
    [
      'a cache of authorizer results',
      { Authorizer: authorizer({ AuthorizerResultTtlInSeconds: 1 }) },
      'Authorizer: the cache of authorizer results is not modelled; set its TTL to 0.',
    ],
    [
      'the cache of five minutes that an authorizer has unless it says otherwise',
      { Authorizer: authorizer({ AuthorizerResultTtlInSeconds: undefined }) },
      'Authorizer: the cache of authorizer results is not modelled; set its TTL to 0.',
    ],
    ...[
      'method.request.path.item_id',
      'method.request.multivalueheader.x',
      'method.request.header.',
      'context',
      '$context.identity.sourceIp',
      "'fixed'",
    ].map((source): [string, Resources, string] => [
      `the identity source ${source}`,
      { Authorizer: authorizer({ IdentitySource: `method.request.header.x,${source}` }) },
      `Authorizer: IdentitySource: the source ${source} is not modelled.`,
    ]),
    [
      'a resource whose parent is not there',
      { Items: pathResource('gone', 'items') },
      'There is no API resource gone.',
    ],
  ])('by %s', (_what, changes, message) => {
    expect(() => read(changes)).toThrow(new ApiNotModelled(message));
  });

  it('by no stage', () => {
    expect(() => readOne(without('Stage'))).toThrow('The REST API Api has no stage');
  });
});

describe('the API', () => {
  it('gives an integration 29 seconds unless it says otherwise', () => {
    const quick = method('Items', { HttpMethod: 'GET', Integration: { ...proxy, TimeoutInMillis: 500 } });

    expect(read({ Quick: quick }).methods.map(({ timeoutMs }) => timeoutMs)).toEqual([29_000, 500]);
  });

  it('knows a method by its path, its function, its authorizer and its key', () => {
    const { methods } = read(items({ HttpMethod: 'GET', Integration: proxy, ApiKeyRequired: true }));

    expect(methods).toEqual([
      {
        httpMethod: 'GET',
        resourcePath: '/items',
        resourceId: 'weir-test-Items',
        authorizer: { functionArn: functionArn('authorize'), identitySources: [] },
        apiKeyRequired: true,
        functionArn: functionArn('serve'),
        timeoutMs: 29_000,
      },
    ]);
  });

  it('has nothing of what belongs to another one', () => {
    const ofOther = ({ Type, Properties }: { readonly Type: string; readonly Properties: object }) => ({
      Type,
      Properties: { ...Properties, RestApiId: 'other' },
    });
    const definition = readOne({
      OtherStage: ofOther(stage({ StageName: 'other' })),
      OtherItems: ofOther(pathResource('elsewhere', 'others')),
      OtherMethod: ofOther(method('Items', { Integration: { Type: 'MOCK' } })),
      OtherAuthorizer: ofOther(authorizer({ Type: 'TOKEN' })),
      OtherResponse: ofOther(gatewayResponse('THROTTLED', '420', '{}')),
      ...api,
    });

    expect(definition.stageName).toBe('api');
    expect(definition.methods.map(({ resourcePath }) => resourcePath)).toEqual(['/items']);
    expect(definition.gatewayResponses.size).toBe(0);
  });

  it('is read beside others, each with its own stage and methods', () => {
    const others = readApiDefinitions(
      templateOf({
        ...api,
        Other: restApi({}),
        OtherStage: { ...stage(), Properties: { RestApiId: { Ref: 'Other' }, StageName: 'other' } },
      }),
    );

    expect(others.map(({ logicalId, stageName, methods }) => [logicalId, stageName, methods.length])).toEqual(
      [
        ['Api', 'api', 1],
        ['Other', 'other', 0],
      ],
    );
    expect(readApiDefinitions(templateOf({}))).toEqual([]);
  });

  it('takes no authorizer of another one', () => {
    const { Type, Properties } = authorizer();

    expect(() =>
      read({
        ...items({ Integration: proxy }),
        Authorizer: { Type, Properties: { ...Properties, RestApiId: 'other' } },
      }),
    ).toThrow('ItemsMethod: authorization CUSTOM is not modelled.');
  });
});
