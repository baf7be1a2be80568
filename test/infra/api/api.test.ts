import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { burstFactor, ladder } from '../../../domain/accounts/tiers.ts';
import { problems } from '../../../domain/api/problems.ts';
import { acceptsEvents, type Route, routes } from '../../../domain/api/routes.ts';
import { only, resourcesOf, stageNamed, synthesize } from '../synthesize.ts';

const { stateless } = synthesize(stageNamed('dev'));
const all = resourcesOf(stateless, 'AWS::ApiGateway::Method');
const methods = all.filter(({ Properties }) => Properties.HttpMethod !== 'OPTIONS');
const stage = only(resourcesOf(stateless, 'AWS::ApiGateway::Stage')).Properties;
const api = only(resourcesOf(stateless, 'AWS::ApiGateway::RestApi')).Properties;
const responses = new Map(
  resourcesOf(stateless, 'AWS::ApiGateway::GatewayResponse').map(({ Properties }) => [
    Properties.ResponseType as string,
    Properties,
  ]),
);

const paths = new Map<string, string>();
for (const { logicalId } of resourcesOf(stateless, 'AWS::ApiGateway::Resource'))
  paths.set(logicalId, pathOf(logicalId));

function pathOf(logicalId: string): string {
  const { Properties } = only(
    resourcesOf(stateless, 'AWS::ApiGateway::Resource').filter(
      (resource) => resource.logicalId === logicalId,
    ),
  );
  const parent = Properties.ParentId.Ref as string | undefined;
  return `${parent === undefined ? '' : pathOf(parent)}/${Properties.PathPart}`;
}

function methodOf(route: Route) {
  return only(
    methods.filter(
      ({ Properties }) =>
        Properties.HttpMethod === route.method && paths.get(Properties.ResourceId.Ref) === route.path,
    ),
  ).Properties;
}

describe('the API', () => {
  const declared = methods
    .map(({ Properties }) => `${Properties.HttpMethod} ${paths.get(Properties.ResourceId.Ref)}`)
    .sort();

  it('has the routes of the list and no others', () => {
    expect(declared).toEqual(routes.map((route) => `${route.method} ${route.path}`).sort());
  });

  it('lets browsers ask without a key whether they may send, and nothing else', () => {
    const asked = all.filter(({ Properties }) => Properties.HttpMethod === 'OPTIONS');

    expect(asked.map(({ Properties }) => paths.get(Properties.ResourceId.Ref)).sort()).toEqual(
      routes
        .filter(acceptsEvents)
        .map(({ path }) => path)
        .sort(),
    );
    for (const { Properties } of asked) {
      expect(Properties).toMatchObject({
        AuthorizationType: 'NONE',
        // On AWS it would be a 500 without: all bodies count as binary.
        Integration: { Type: 'MOCK', ContentHandling: 'CONVERT_TO_TEXT' },
      });
      expect(stage.MethodSettings).toContainEqual(
        expect.objectContaining({
          HttpMethod: 'OPTIONS',
          ResourcePath: String(paths.get(Properties.ResourceId.Ref))
            .replaceAll('/', '~1')
            .replace(/^~1/, '/~1'),
          ThrottlingRateLimit: 500,
        }),
      );
    }
  });

  it('has the routes of the OpenAPI document that is deployed, and no others', () => {
    const document: { paths: Record<string, object> } = JSON.parse(
      readFileSync('lambdas/openapi/openapi.json', 'utf8'),
    );
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );

    expect(declared).toEqual(described.sort());
  });

  it.each(routes.filter((route: Route) => route.anyOf.length > 0))(
    'requires the authorizer and a usage plan for $method $path',
    (route) => {
      expect(methodOf(route)).toMatchObject({
        AuthorizationType: 'CUSTOM',
        AuthorizerId: { Ref: only(resourcesOf(stateless, 'AWS::ApiGateway::Authorizer')).logicalId },
        ApiKeyRequired: true,
      });
    },
  );

  it.each(routes.filter((route: Route) => route.anyOf.length === 0))(
    'lets anyone call $method $path, throttled',
    (route) => {
      const method = methodOf(route);

      expect(method).toMatchObject({ AuthorizationType: 'NONE', ApiKeyRequired: false });
      expect(method).not.toHaveProperty('AuthorizerId');
      expect(stage.MethodSettings).toContainEqual(
        expect.objectContaining({
          HttpMethod: route.method,
          ResourcePath: route.path.replaceAll('/', '~1').replace(/^~1/, '/~1'),
          ThrottlingRateLimit: 10,
          ThrottlingBurstLimit: 20,
        }),
      );
    },
  );

  it.each(routes)(
    'passes $method $path to the live version of its function and waits ten seconds',
    (route) => {
      const { Integration } = methodOf(route);
      const target = { ingest: 'IngestLive', manage: 'ManageLive', read: 'ReadLive' }[route.servedBy];

      expect(Integration).toMatchObject({ Type: 'AWS_PROXY', TimeoutInMillis: 10_000 });
      expect(JSON.stringify(Integration.Uri)).toContain(target);
    },
  );

  it('takes bodies as binary, so that a compressed one arrives as it was sent', () => {
    expect(api.BinaryMediaTypes).toEqual(['*/*']);
    expect(api).not.toHaveProperty('MinimumCompressionSize');
  });

  it('counts a request on the usage plan of the key that the authorizer returns', () => {
    expect(api.ApiKeySourceType).toBe('AUTHORIZER');
  });

  it('calls the authorizer each time and requires no header, because a secret comes in one of two', () => {
    const authorizer = only(resourcesOf(stateless, 'AWS::ApiGateway::Authorizer')).Properties;

    expect(authorizer).toMatchObject({ Type: 'REQUEST', AuthorizerResultTtlInSeconds: 0 });
    expect(authorizer).not.toHaveProperty('IdentitySource');
  });

  it('measures every method, traces, and never logs a request', () => {
    expect(stage.TracingEnabled).toBe(true);
    for (const settings of stage.MethodSettings)
      expect(settings).toMatchObject({ MetricsEnabled: true, LoggingLevel: 'OFF', DataTraceEnabled: false });
  });

  it('writes one line for a request with caller, route and outcome, without headers or body', () => {
    const line = JSON.parse(stage.AccessLogSetting.Format);

    expect(line).toMatchObject({
      requestId: '$context.requestId',
      ip: '$context.identity.sourceIp',
      accountId: '$context.authorizer.account_id',
      keyId: '$context.authorizer.key_id',
      person: '$context.authorizer.person',
      route: '$context.resourcePath',
      status: '$context.status',
      responseLatencyMs: '$context.responseLatency',
      responseType: '$context.error.responseType',
    });
    // The path holds data of the tenant.
    expect(Object.values(line)).not.toContain('$context.path');
  });
});

describe('an answer of the gateway itself', () => {
  it.each([...responses.keys()])('for %s is a problem document with the id of the request', (type) => {
    const response = responses.get(type);
    const body = JSON.parse(response.ResponseTemplates['application/json']);

    expect(body).toMatchObject({
      type: `urn:weir:problem:${body.code}`,
      title: expect.any(String),
      detail: expect.any(String),
      request_id: '$context.requestId',
    });
    expect(response.ResponseParameters).toMatchObject({
      'gatewayresponse.header.content-type': "'application/problem+json'",
      'gatewayresponse.header.x-request-id': 'context.requestId',
    });
  });

  it.each([
    ['UNAUTHORIZED', 'unauthorized', '401'],
    ['INVALID_API_KEY', 'forbidden', '403'],
    ['MISSING_AUTHENTICATION_TOKEN', 'not_found', '404'],
    ['RESOURCE_NOT_FOUND', 'not_found', '404'],
    ['THROTTLED', 'rate_limited', '429'],
    ['QUOTA_EXCEEDED', 'quota_exceeded', '429'],
    ['AUTHORIZER_FAILURE', 'unavailable', '503'],
    ['AUTHORIZER_CONFIGURATION_ERROR', 'unavailable', '503'],
    ['API_CONFIGURATION_ERROR', 'internal', '500'],
    ['INTEGRATION_FAILURE', 'unavailable', '503'],
    ['INTEGRATION_TIMEOUT', 'timeout', '504'],
    ['BAD_REQUEST_BODY', 'bad_request', '400'],
    ['BAD_REQUEST_PARAMETERS', 'bad_request', '400'],
    ['UNSUPPORTED_MEDIA_TYPE', 'unsupported_media_type', '415'],
    ['WAF_FILTERED', 'forbidden', '403'],
    ['EXPIRED_TOKEN', 'unauthorized', '401'],
    ['INVALID_SIGNATURE', 'unauthorized', '401'],
  ] as const)('for %s is %s with %s, with a retry-after if waiting helps', (type, code, status) => {
    const response = responses.get(type);
    const body = JSON.parse(response.ResponseTemplates['application/json']);
    const wait = (problems[code] as { retryAfter?: number }).retryAfter;

    expect(response.StatusCode).toBe(status);
    expect(body).toMatchObject({ code, status: Number(status) });
    expect(body.retry_after).toBe(wait);
    expect(response.ResponseParameters['gatewayresponse.header.retry-after']).toBe(
      wait === undefined ? undefined : `'${wait}'`,
    );
  });

  it('to a denied caller has the code and texts of the authorizer', () => {
    const response = responses.get('ACCESS_DENIED');

    expect(response.StatusCode).toBe('403');
    expect(JSON.parse(response.ResponseTemplates['application/json'])).toMatchObject({
      status: 403,
      code: '$context.authorizer.code',
      title: '$context.authorizer.title',
      detail: '$context.authorizer.detail',
    });
  });

  it.each(['DEFAULT_4XX', 'DEFAULT_5XX'])('of any other type (%s) keeps the status of its cause', (type) => {
    const response = responses.get(type);

    expect(response).not.toHaveProperty('StatusCode');
    expect(JSON.parse(response.ResponseTemplates['application/json'])).not.toHaveProperty('status');
  });
});

describe('usage plans', () => {
  it('are one for each rate of the ladder, each with an output', () => {
    const plans = new Map(
      resourcesOf(stateless, 'AWS::ApiGateway::UsagePlan').map((plan) => [plan.logicalId, plan.Properties]),
    );
    const outputs = stateless.toJSON().Outputs;

    expect(plans.size).toBe(ladder.length);
    for (const rung of ladder) {
      const plan = plans.get(outputs[`UsagePlanRate${rung}`].Value.Ref);
      expect(plan.Throttle).toEqual({ RateLimit: rung, BurstLimit: rung * burstFactor });
      expect(plan.ApiStages).toHaveLength(1);
    }
  });

  it('throttle debug to a tenth of the rate, at least once a second, searches and summaries to 10, series, rejections, service levels and what manages to 5, and health and what settles to 1', () => {
    const plans = resourcesOf(stateless, 'AWS::ApiGateway::UsagePlan').map(({ Properties }) => Properties);
    const [lowest, ...others] = plans.toSorted(
      (one, other) => one.Throttle.RateLimit - other.Throttle.RateLimit,
    );
    const bound = (RateLimit: number) => ({ RateLimit, BurstLimit: RateLimit });
    const held = (RateLimit: number) => ({
      '/v1/events:debug/POST': { RateLimit, BurstLimit: RateLimit * burstFactor },
      '/v1/events/GET': bound(10),
      '/v1/accounts/{account_id}/summary/GET': bound(10),
      '/v1/accounts/{account_id}/series/GET': bound(5),
      '/v1/quarantine/{record}/replay/POST': bound(1),
      '/v1/quarantine/{record}/discard/POST': bound(1),
      '/v1/rejections/GET': bound(5),
      '/v1/rejections/events/GET': bound(5),
      '/v1/keys/GET': bound(5),
      '/v1/keys/POST': bound(5),
      '/v1/keys/{key_id}/rotate/POST': bound(5),
      '/v1/keys/{key_id}/DELETE': bound(5),
      '/v1/members/GET': bound(5),
      '/v1/members/POST': bound(5),
      '/v1/members/{person}/DELETE': bound(5),
      '/v1/audit/GET': bound(5),
      '/v1/usage/GET': bound(5),
      '/v1/slo/GET': bound(5),
      '/v1/health/GET': bound(1),
    });

    expect(lowest?.ApiStages[0].Throttle).toEqual(held(1));
    expect(others).not.toHaveLength(0);
    for (const { Throttle, ApiStages } of others)
      expect(ApiStages[0].Throttle).toEqual(held(Throttle.RateLimit / 10));
  });

  it('name methods of the API in their throttles', () => {
    const keys = routes.map(({ method, path }) => `${path}/${method}`);
    for (const { Properties } of resourcesOf(stateless, 'AWS::ApiGateway::UsagePlan'))
      for (const key of Object.keys(Properties.ApiStages[0].Throttle)) expect(keys).toContain(key);
  });
});

describe('the stack', () => {
  it('has outputs for the address of the API, its id, its event bus, its topics, its limits and its usage plans', () => {
    const { Outputs } = stateless.toJSON();

    expect(JSON.stringify(Outputs.ApiUrl.Value)).toMatch(/"\/api"\]\]\}$/);
    expect(Outputs.ApiId.Value).toEqual({
      Ref: only(resourcesOf(stateless, 'AWS::ApiGateway::RestApi')).logicalId,
    });
    expect(Object.keys(Outputs).sort()).toEqual(
      [
        'AccessLog',
        'ApiId',
        'ApiUrl',
        'EventBus',
        'Limits',
        'PageTopic',
        'ReportTopic',
        'TicketTopic',
        ...ladder.map((rung) => `UsagePlanRate${rung}`),
      ].sort(),
    );
  });

  it('is as it was when it was last looked at', () => {
    // Without the hashes in the names of the deployment and of versions: what they are made of is in the snapshot.
    const text = JSON.stringify(stateless.toJSON()).replaceAll(
      /((?:ApiDeployment|CurrentVersion)[0-9A-F]{8})[0-9a-f]{32}/g,
      '$1',
    );

    expect(JSON.parse(text)).toMatchSnapshot();
  });
});
