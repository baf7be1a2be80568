// The REST API as the template defines it: its methods with their authorizers and integrations, its gateway
// responses, its stage and the usage plans on it. A method that the twin cannot run fails the start.

import type { Resource, System } from '../template/system.ts';

export type MethodDefinition = {
  readonly httpMethod: string;
  /** As declared, such as `/v1/batches/{batch_id}`. */
  readonly resourcePath: string;
  readonly resourceId: string;
  readonly authorizer: AuthorizerDefinition | undefined;
  readonly apiKeyRequired: boolean;
  readonly functionArn: string;
  readonly timeoutMs: number;
};

export type AuthorizerDefinition = {
  readonly functionArn: string;
  readonly identitySources: readonly string[];
};

export type GatewayResponseDefinition = {
  readonly status: number | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
};

export type ApiDefinition = {
  readonly apiId: string;
  readonly stageName: string;
  readonly apiKeySource: 'HEADER' | 'AUTHORIZER';
  readonly binaryMediaTypes: readonly string[];
  readonly methods: readonly MethodDefinition[];
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponseDefinition>;
  /** The ids of the plans that hold this stage. */
  readonly usagePlanIds: readonly string[];
};

export class ApiNotModelled extends Error {
  override readonly name = 'ApiNotModelled';
}

export function readApiDefinition(system: System): ApiDefinition {
  const [api, ...others] = system.resources('AWS::ApiGateway::RestApi');
  if (api === undefined || others.length > 0)
    throw new ApiNotModelled(
      `The twin runs one REST API; the templates have ${others.length + (api ? 1 : 0)}.`,
    );
  const apiId = api.reference;
  const ofApi = (type: string) =>
    system.resources(type).filter(({ properties }) => properties.RestApiId === apiId);
  const stage = ofApi('AWS::ApiGateway::Stage')[0];
  if (stage === undefined) throw new ApiNotModelled(`The REST API ${api.logicalId} has no stage.`);
  const authorizers = new Map(
    ofApi('AWS::ApiGateway::Authorizer').map((resource) => [resource.reference, readAuthorizer(resource)]),
  );
  const paths = readPaths(ofApi('AWS::ApiGateway::Resource'), api.attribute('RootResourceId'));
  const stageName = stage.reference;
  return {
    apiId,
    stageName,
    apiKeySource: api.properties.ApiKeySourceType === 'AUTHORIZER' ? 'AUTHORIZER' : 'HEADER',
    binaryMediaTypes: (api.properties.BinaryMediaTypes ?? []) as readonly string[],
    methods: ofApi('AWS::ApiGateway::Method').map((method) => readMethod(method, paths, authorizers)),
    gatewayResponses: new Map(ofApi('AWS::ApiGateway::GatewayResponse').map(readGatewayResponse)),
    usagePlanIds: system
      .resources('AWS::ApiGateway::UsagePlan')
      .filter(({ properties }) =>
        ((properties.ApiStages ?? []) as readonly { ApiId?: string; Stage?: string }[]).some(
          ({ ApiId, Stage }) => ApiId === apiId && Stage === stageName,
        ),
      )
      .map(({ reference }) => reference),
  };
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
  { logicalId, properties }: Resource,
  paths: ReadonlyMap<string, string>,
  authorizers: ReadonlyMap<string, AuthorizerDefinition>,
): MethodDefinition {
  const integration = (properties.Integration ?? {}) as Readonly<Record<string, unknown>>;
  if (integration.Type !== 'AWS_PROXY')
    throw new ApiNotModelled(
      `${logicalId}: integrations of type ${String(integration.Type)} are not modelled.`,
    );
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
    functionArn: functionIn(String(integration.Uri), logicalId),
    timeoutMs: Number(integration.TimeoutInMillis ?? 29_000),
  };
}

function readAuthorizer({ logicalId, properties }: Resource): AuthorizerDefinition {
  if (properties.Type !== 'REQUEST')
    throw new ApiNotModelled(
      `${logicalId}: authorizers of type ${String(properties.Type)} are not modelled.`,
    );
  if (Number(properties.AuthorizerResultTtlInSeconds ?? 300) !== 0)
    throw new ApiNotModelled(
      `${logicalId}: the cache of authorizer results is not modelled; set its TTL to 0.`,
    );
  return {
    functionArn: functionIn(String(properties.AuthorizerUri), logicalId),
    identitySources: String(properties.IdentitySource ?? '')
      .split(',')
      .filter(Boolean),
  };
}

function readGatewayResponse({ properties }: Resource): [string, GatewayResponseDefinition] {
  return [
    String(properties.ResponseType),
    {
      status: properties.StatusCode === undefined ? undefined : Number(properties.StatusCode),
      parameters: (properties.ResponseParameters ?? {}) as Readonly<Record<string, string>>,
      templates: (properties.ResponseTemplates ?? {}) as Readonly<Record<string, string>>,
    },
  ];
}

/** The function's ARN inside `arn:aws:apigateway:…:lambda:path/2015-03-31/functions/<arn>/invocations`. */
function functionIn(uri: string, logicalId: string): string {
  const arn = /\/functions\/(.+)\/invocations$/.exec(uri)?.[1];
  if (arn === undefined) throw new ApiNotModelled(`${logicalId}: ${uri} is not the address of a function.`);
  return arn;
}
