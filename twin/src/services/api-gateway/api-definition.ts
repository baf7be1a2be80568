// A REST API as the template defines it: its methods with their authorizers and integrations, its gateway
// responses, its stage with its throttles, and the usage plans on it. What the twin cannot run fails the
// start.

import type { Resource, Template } from '../../template/template.ts';
import { ApiNotModelled } from './api-not-modelled.ts';
import { type AuthorizerDefinition, readAuthorizer } from './authorizer-definition.ts';
import { type GatewayResponseDefinition, readGatewayResponse } from './gateway-response-definition.ts';
import { functionIn } from './invocation-address.ts';
import {
  type MethodName,
  type MethodThrottles,
  readMethodMetrics,
  readStageThrottles,
} from './limits/method-throttles.ts';
import { readUsagePlans, type UsagePlan } from './limits/usage-plans.ts';
import { type MockDefinition, readMock } from './mock-definition.ts';

export type MethodDefinition = {
  readonly httpMethod: string;
  /** As declared, such as `/v1/batches/{batch_id}`. */
  readonly resourcePath: string;
  readonly resourceId: string;
  readonly authorizer: AuthorizerDefinition | undefined;
  readonly apiKeyRequired: boolean;
} & (FunctionIntegration | MockIntegration);

type FunctionIntegration = {
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly mock?: undefined;
};
type MockIntegration = {
  /** What the gateway answers by itself. */
  readonly mock: MockDefinition;
  readonly functionArn?: undefined;
  readonly timeoutMs?: undefined;
};

export type ApiDefinition = {
  readonly logicalId: string;
  readonly apiId: string;
  /** By which metrics tell it. */
  readonly name: string;
  readonly stageName: string;
  readonly stageVariables: Readonly<Record<string, string>> | null;
  readonly deploymentId: string;
  /** Undefined where the stage keeps no access log. */
  readonly accessLogFormat: string | undefined;
  /** The log group that the access log goes to. */
  readonly accessLogGroup: string | undefined;
  readonly apiKeySource: 'HEADER' | 'AUTHORIZER';
  readonly binaryMediaTypes: readonly string[];
  /** Undefined where answers are not compressed. */
  readonly minimumCompressionBytes: number | undefined;
  readonly methods: readonly MethodDefinition[];
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponseDefinition>;
  readonly stageThrottles: MethodThrottles;
  /** Whether the stage measures the method by itself. */
  readonly hasMethodMetrics: (method: MethodName) => boolean;
  readonly usagePlans: readonly UsagePlan[];
};

/** In the order of the template. Throws ApiNotModelled. */
export function readApiDefinitions(template: Template): readonly ApiDefinition[] {
  const apis = template.resources('AWS::ApiGateway::RestApi');
  if (apis.length === 0) refuseOtherApis(template);
  return apis.map((api) => readApi(template, api));
}

/** An app that is called by nothing else would answer every request wrongly. Beside a REST API it is reported. */
function refuseOtherApis(template: Template): void {
  const [other] = template.resources('AWS::ApiGatewayV2::Api');
  if (other !== undefined)
    throw new ApiNotModelled(
      `${other.logicalId}: HTTP and WebSocket APIs are not modelled, only REST APIs (AWS::ApiGateway::RestApi), and the app has none.`,
    );
}

function readApi(template: Template, api: Resource): ApiDefinition {
  const apiId = api.reference;
  const ofApi = (type: string) =>
    template.resources(type).filter(({ properties }) => properties.RestApiId === apiId);
  const stage = ofApi('AWS::ApiGateway::Stage')[0];
  if (stage === undefined) throw new ApiNotModelled(`The REST API ${api.logicalId} has no stage.`);
  const authorizers = new Map(
    ofApi('AWS::ApiGateway::Authorizer').map((resource) => [resource.reference, readAuthorizer(resource)]),
  );
  const paths = readPaths(ofApi('AWS::ApiGateway::Resource'), api.attribute('RootResourceId'));
  const stageName = stage.reference;
  return {
    logicalId: api.logicalId,
    apiId,
    name: String(api.properties.Name ?? api.name),
    stageName,
    ...readStageSettings(stage),
    apiKeySource: api.properties.ApiKeySourceType === 'AUTHORIZER' ? 'AUTHORIZER' : 'HEADER',
    binaryMediaTypes: (api.properties.BinaryMediaTypes ?? []) as readonly string[],
    minimumCompressionBytes: numberOrUndefined(api.properties.MinimumCompressionSize),
    methods: ofApi('AWS::ApiGateway::Method').map((method) => readMethod(method, paths, authorizers)),
    gatewayResponses: new Map(ofApi('AWS::ApiGateway::GatewayResponse').map(readGatewayResponse)),
    stageThrottles: readStageThrottles(stage),
    hasMethodMetrics: readMethodMetrics(stage),
    usagePlans: readUsagePlans(template, apiId, stageName),
  };
}

function readStageSettings({ properties }: Resource) {
  const { AccessLogSetting, DeploymentId, Variables } = properties;
  const setting = AccessLogSetting as
    | { readonly Format?: string; readonly DestinationArn?: string }
    | undefined;
  return {
    stageVariables: (Variables ?? null) as Readonly<Record<string, string>> | null,
    deploymentId: String(DeploymentId ?? ''),
    accessLogFormat: setting?.Format,
    accessLogGroup: /:log-group:([^:]+)/.exec(setting?.DestinationArn ?? '')?.[1],
  };
}

function numberOrUndefined(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function readPaths(resources: readonly Resource[], rootId: string): ReadonlyMap<string, string> {
  const byId = new Map(resources.map((resource) => [resource.reference, resource]));
  const pathOf = (id: string): string => {
    if (id === rootId) return '';
    const properties = byId.get(id)?.properties;
    if (properties === undefined) throw new ApiNotModelled(`There is no API resource ${id}.`);
    return `${pathOf(String(properties.ParentId))}/${String(properties.PathPart)}`;
  };
  return new Map([[rootId, '/'], ...[...byId.keys()].map((id) => [id, pathOf(id)] as const)]);
}

function readMethod(
  resource: Resource,
  paths: ReadonlyMap<string, string>,
  authorizers: ReadonlyMap<string, AuthorizerDefinition>,
): MethodDefinition {
  const { logicalId, properties } = resource;
  const authorization = properties.AuthorizationType ?? 'NONE';
  const authorizer = authorizers.get(String(properties.AuthorizerId));
  if (authorization !== 'NONE' && (authorization !== 'CUSTOM' || authorizer === undefined))
    throw new ApiNotModelled(`${logicalId}: authorization ${String(authorization)} is not modelled.`);
  const resourceId = String(properties.ResourceId);
  return {
    httpMethod: String(properties.HttpMethod),
    resourcePath: paths.get(resourceId) ?? '/',
    resourceId,
    authorizer: authorization === 'NONE' ? undefined : authorizer,
    apiKeyRequired: properties.ApiKeyRequired === true,
    ...readIntegration(resource),
  };
}

function readIntegration(resource: Resource): FunctionIntegration | MockIntegration {
  const { logicalId, properties } = resource;
  const integration = (properties.Integration ?? {}) as Readonly<Record<string, unknown>>;
  if (integration.Type === 'MOCK') return { mock: readMock(resource) };
  if (integration.Type !== 'AWS_PROXY')
    throw new ApiNotModelled(
      `${logicalId}: integrations of type ${String(integration.Type)} are not modelled.`,
    );
  return {
    functionArn: functionIn(String(integration.Uri), logicalId),
    timeoutMs: Number(integration.TimeoutInMillis ?? 29_000),
  };
}
