// A tiny REST API in a gateway on a free port, with functions that are plain code. It ends with the test that started it.

import { onTestFinished } from 'vitest';
import type { Invoker } from '../../../src/core/invocation.ts';
import { readApiDefinitions } from '../../../src/services/api-gateway/api-definition.ts';
import type { ApiKeys } from '../../../src/services/api-gateway/api-keys.ts';
import { Gateway, type GatewayOptions } from '../../../src/services/api-gateway/gateway.ts';
import { QuotaUsage } from '../../../src/services/api-gateway/limits/quota-usage.ts';
import { createWaf } from '../../../src/services/waf/waf.ts';
import type { StackTemplate } from '../../../src/template/assembly.ts';
import { functionArn, invocationUri, noMetrics, templateOf } from '../../fixture.ts';

type Resources = StackTemplate['Resources'];
export type FakeFunction = (event: Record<string, never>) => unknown;

export const ofApi = { RestApiId: { Ref: 'Api' } };

export const pathResource = (parent: unknown, PathPart: string) => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: { ...ofApi, ParentId: parent, PathPart },
});

export const method = (resource: string, changes: Record<string, unknown> = {}) => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: {
    ...ofApi,
    ResourceId: { Ref: resource },
    HttpMethod: 'ANY',
    AuthorizationType: 'NONE',
    Integration: { Type: 'AWS_PROXY', Uri: invocationUri('serve'), TimeoutInMillis: 200 },
    ...changes,
  },
});

export const protectedBy = {
  HttpMethod: 'GET',
  AuthorizationType: 'CUSTOM',
  AuthorizerId: { Ref: 'Authorizer' },
  ApiKeyRequired: true,
};

export const gatewayResponse = (
  ResponseType: string,
  StatusCode: string | undefined,
  template: string,
  headers: Record<string, string> = {},
) => ({
  Type: 'AWS::ApiGateway::GatewayResponse',
  Properties: {
    ...ofApi,
    ResponseType,
    ...(StatusCode && { StatusCode }),
    ResponseTemplates: { 'application/json': template },
    ResponseParameters: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [`gatewayresponse.header.${name}`, value]),
    ),
  },
});

export const root = { 'Fn::GetAtt': ['Api', 'RootResourceId'] };

export const restApi = (properties: object) => ({
  Type: 'AWS::ApiGateway::RestApi',
  Properties: { Name: 'test', ...properties },
});

export const stage = (properties: object = {}) => ({
  Type: 'AWS::ApiGateway::Stage',
  Properties: { ...ofApi, StageName: 'api', ...properties },
});

export const authorizer = (properties: object = {}) => ({
  Type: 'AWS::ApiGateway::Authorizer',
  Properties: {
    ...ofApi,
    Type: 'REQUEST',
    AuthorizerUri: invocationUri('authorize'),
    AuthorizerResultTtlInSeconds: 0,
    ...properties,
  },
});

const resources: Resources = {
  Api: restApi({ ApiKeySourceType: 'AUTHORIZER', BinaryMediaTypes: ['*/*'] }),
  Stage: stage(),
  Plan: {
    Type: 'AWS::ApiGateway::UsagePlan',
    Properties: { ApiStages: [{ ApiId: { Ref: 'Api' }, Stage: { Ref: 'Stage' } }] },
  },
  OtherPlan: { Type: 'AWS::ApiGateway::UsagePlan', Properties: { ApiStages: [] } },
  Authorizer: authorizer(),
  Items: pathResource(root, 'items'),
  ItemsDebug: pathResource(root, 'items:debug'),
  Item: pathResource({ Ref: 'Items' }, '{item_id}'),
  Latest: pathResource({ Ref: 'Items' }, 'latest'),
  Guarded: pathResource(root, 'guarded'),
  ItemsMethod: method('Items'),
  ItemsDebugMethod: method('ItemsDebug'),
  ItemMethod: method('Item'),
  LatestMethod: method('Latest'),
  GuardedMethod: method('Guarded', protectedBy),
};

export const planKey = { id: 'key-1', name: 'acme', value: 'plan-key', enabled: true };

export type TestGateway = {
  readonly url: string;
  readonly reports: readonly string[];
  /** Before the end of the test. */
  end(): Promise<void>;
};

export async function startGateway(
  functions: Readonly<Record<string, FakeFunction>>,
  changes: Resources = {},
  apiKeys: Pick<ApiKeys, 'find' | 'plansOf'> = {
    find: (value) => (value === planKey.value ? planKey : undefined),
    plansOf: () => ['weir-test-Plan'],
  },
  options: Partial<GatewayOptions> = {},
): Promise<TestGateway> {
  const reports: string[] = [];
  const template = templateOf({ ...resources, ...changes });
  const invoker: Invoker = {
    invoke: async (arn, event) => {
      const name = Object.keys(functions).find((one) => functionArn(one) === arn) ?? '';
      return functions[name]?.(event as Record<string, never>);
    },
  };
  const report = (problem: string) => reports.push(problem);
  const [api] = readApiDefinitions(template);
  const { quotaUsage = new QuotaUsage(undefined, report), metrics = noMetrics } = options;
  const gateway = new Gateway({
    port: 0,
    api,
    firewall: api && createWaf(template, { report, metrics }).firewallOf(api.apiId, api.stageName),
    functions: invoker,
    apiKeys,
    now: () => Date.UTC(2026, 10, 21, 5, 0, 36),
    report,
    page: () => undefined,
    ...options,
    metrics,
    quotaUsage,
  });
  let ended: Promise<void> | undefined;
  const end = () => {
    ended ??= gateway.end().then(() => quotaUsage.end());
    return ended;
  };
  onTestFinished(end);
  await quotaUsage.start();
  await gateway.start();
  return { url: gateway.url, reports, end };
}

export const policy = (Effect: 'Allow' | 'Deny', Resource: string, rest: object = {}) => ({
  principalId: 'key-id',
  policyDocument: { Version: '2012-10-17', Statement: [{ Effect, Action: 'execute-api:Invoke', Resource }] },
  usageIdentifierKey: planKey.value,
  ...rest,
});
