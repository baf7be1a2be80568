// Resources and methods, made from the one list of routes. A route that asks for no scope is public; every other
// passes the authorizer and a usage plan.

import { Duration, Validations } from 'aws-cdk-lib';
import {
  AuthorizationType,
  type IAuthorizer,
  LambdaIntegration,
  type Method,
  type MethodDeploymentOptions,
  MethodLoggingLevel,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type Route, requestTimeMs, routes } from '../../domain/api/routes.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

/** Nobody's plan holds a public route back, so its own throttle does: enough for probes, too little to hurt. */
const publicRequestsPerSecond = 10;
const publicBurst = 20;

/** Said for every method: one that names any setting inherits none of the stage's. */
const observed: MethodDeploymentOptions = {
  metricsEnabled: true,
  // Execution logs hold headers and bodies; the access log has what is needed.
  loggingLevel: MethodLoggingLevel.OFF,
  dataTraceEnabled: false,
};

/** Rates of protected routes are the plans' and the region's; only public ones are throttled by the stage. */
export const methodSettings: Readonly<Record<string, MethodDeploymentOptions>> = {
  '/*/*': observed,
  ...Object.fromEntries(
    routes.filter(isPublic).map((route) => [
      `${route.path}/${route.method}`,
      {
        ...observed,
        throttlingRateLimit: publicRequestsPerSecond,
        throttlingBurstLimit: publicBurst,
      },
    ]),
  ),
};

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
      allowTestInvoke: false,
    });
  const integrations = { ingest: integrate(functions.ingest), read: integrate(functions.read) };

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

/** A public route that is not named here fails synthesis. */
const publicBecause: Readonly<Record<string, string>> = {
  '/health':
    'Load balancers and probes ask for health without a secret; the answer holds nothing of any account, and the ' +
    'method has a throttle of its own.',
};

function acknowledgeAccess(method: Method, route: Route): void {
  const judged = Validations.of(method);
  const reason = publicBecause[route.path];
  if (!isPublic(route))
    judged.acknowledge({
      id: 'AwsSolutions::AwsSolutions-COG4',
      reason:
        'Callers are programs with secrets of their account, which a user pool does not know; the REQUEST ' +
        'authorizer looks each one up (docs/design/adr/0009-authorizer.md).',
    });
  else if (reason !== undefined)
    judged.acknowledge(
      { id: 'AwsSolutions::AwsSolutions-APIG4', reason },
      { id: 'AwsSolutions::AwsSolutions-COG4', reason },
    );
}

export function isPublic(route: Route): boolean {
  return route.anyOf.length === 0;
}
