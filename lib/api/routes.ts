// The resources and methods of the API, made from the list of routes. A route without scopes is public. Every other
// route requires the authorizer and a usage plan.

import { Duration, Validations } from 'aws-cdk-lib';
import {
  AuthorizationType,
  type CfnMethod,
  ContentHandling,
  type IAuthorizer,
  LambdaIntegration,
  type Method,
  type MethodDeploymentOptions,
  MethodLoggingLevel,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { acceptsEvents, type Route, requestTimeMs, routes } from '../../domain/api/routes.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

/** Nobody is known who asks. The gateway answers by itself: what it costs is the only harm. */
const preflightsPerSecond = 500;
const acceptingPaths: readonly string[] = routes.filter(acceptsEvents).map(({ path }) => path);
/** What clients send, those of others included. */
const preflightHeaders = [
  'authorization',
  'content-encoding',
  'content-type',
  'idempotency-key',
  'prefer',
  'x-api-key',
  'x-retry-count',
  'x-weir-sent-at',
] as const;

/** No usage plan limits a public route, so it has a throttle of its own: enough for probes, too little to do harm. */
const publicRequestsPerSecond = 10;
const publicBurst = 20;

/**
 * Only public routes are throttled here. Protected routes are throttled by usage plans and by the quota of the region. A
 * method that is called costs as much a month as three metrics in alarms, if `byMethod` gives it metrics of its own.
 */
export function methodSettings(byMethod: boolean): Record<string, MethodDeploymentOptions> {
  // Repeated for every method: a method with settings of its own inherits none from the stage.
  const observed: MethodDeploymentOptions = {
    metricsEnabled: byMethod,
    // Off, because execution logs hold headers and bodies.
    loggingLevel: MethodLoggingLevel.OFF,
    dataTraceEnabled: false,
  };
  const throttled = {
    ...observed,
    throttlingRateLimit: publicRequestsPerSecond,
    throttlingBurstLimit: publicBurst,
  };
  const preflight = {
    ...observed,
    throttlingRateLimit: preflightsPerSecond,
    throttlingBurstLimit: 2 * preflightsPerSecond,
  };
  const ofPublic = routes.filter(isPublic).map(({ path, method }) => [`${path}/${method}`, throttled]);
  const ofBrowsers = acceptingPaths.map((path) => [`${path}/OPTIONS`, preflight]);
  return { '/*/*': observed, ...Object.fromEntries([...ofPublic, ...ofBrowsers]) };
}

export type RouteProps = {
  readonly authorizer: IAuthorizer;
  readonly functions: Readonly<Record<Route['servedBy'], IFunction>>;
  readonly planKeys: StageSettings['planKeys'];
};

export type MethodOfRoute = { readonly route: Route; readonly method: Method };

export function addRoutes(
  api: RestApi,
  { authorizer, functions, planKeys }: RouteProps,
): readonly MethodOfRoute[] {
  const integrate = (target: IFunction) =>
    new LambdaIntegration(target, {
      proxy: true,
      timeout: Duration.millis(requestTimeMs),
      // One permission of the function for the API, rather than one for each route: a stack holds 500 resources.
      scopePermissionToMethod: false,
    });
  const integrations = {
    ingest: integrate(functions.ingest),
    manage: integrate(functions.manage),
    read: integrate(functions.read),
  };

  // Browsers ask whether they may send, before there is a key to judge by: what a key may is in the answer to what they send.
  for (const path of acceptingPaths) {
    const preflight = api.root.resourceForPath(path).addCorsPreflight({
      allowOrigins: ['*'],
      allowMethods: ['POST'],
      allowHeaders: [...preflightHeaders],
      // The longest that Chrome keeps.
      maxAge: Duration.hours(2),
    });
    // All bodies count as binary, and the template of such an answer reads text: without this it is a 500 on AWS.
    (preflight.node.defaultChild as CfnMethod).addPropertyOverride(
      'Integration.ContentHandling',
      ContentHandling.CONVERT_TO_TEXT,
    );
  }

  return routes.map((route: Route) => {
    const access = isPublic(route)
      ? { authorizationType: AuthorizationType.NONE, apiKeyRequired: false }
      : { authorizationType: AuthorizationType.CUSTOM, authorizer, apiKeyRequired: planKeys === true };
    const method = api.root
      .resourceForPath(route.path)
      .addMethod(route.method, integrations[route.servedBy], access);
    acknowledgeAccess(method, route);
    return { route, method };
  });
}

/** Why each public route has no authorizer. Synthesis fails for a public route that is missing here. */
const publicBecause: Readonly<Record<string, string>> = {
  '/health':
    'Load balancers and probes call health without a secret; the answer holds no data of an account, and the method ' +
    'has a throttle of its own.',
  '/v1/openapi.json':
    'Tools read the description of the API before anybody has a secret; it is the same for all, and the method has a ' +
    'throttle of its own.',
};

function acknowledgeAccess(method: Method, route: Route): void {
  const validations = Validations.of(method);
  const reason = publicBecause[route.path];
  if (!isPublic(route))
    validations.acknowledge({
      id: 'AwsSolutions::AwsSolutions-COG4',
      reason:
        'Callers are programs with secrets of their account, or people whom any OIDC issuer may name; the REQUEST ' +
        'authorizer judges both (docs/design/adr/0009-authorizer.md, docs/design/adr/0047-people.md).',
    });
  else if (reason !== undefined)
    validations.acknowledge(
      { id: 'AwsSolutions::AwsSolutions-APIG4', reason },
      { id: 'AwsSolutions::AwsSolutions-COG4', reason },
    );
}

export function isPublic(route: Route): boolean {
  return route.anyOf.length === 0;
}
