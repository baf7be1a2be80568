import { App, Stack } from 'aws-cdk-lib';
import { Template as Assertions } from 'aws-cdk-lib/assertions';
import { MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { describe, expect, it } from 'vitest';
import { burstFactor, ladder } from '../../domain/accounts/tiers.ts';
import { type Route, routes } from '../../domain/api/routes.ts';
import { readApiDefinition } from '../../twin/src/services/api-gateway/api-definition.ts';
import { readStageThrottles } from '../../twin/src/services/api-gateway/limits/method-throttles.ts';
import { readUsagePlans } from '../../twin/src/services/api-gateway/limits/usage-plans.ts';
import type { Template } from '../../twin/src/template/assembly.ts';
import { createSystem } from '../../twin/src/template/system.ts';
import { only, outputFolders, stageNamed, synthesize } from './synthesize.ts';

const outputFolder = outputFolders();

const stackOf = (name: string, template: Assertions) => ({
  name,
  template: template.toJSON() as Template,
  assetFolders: new Map<string, string>(),
});

describe('the twin reads of the template', () => {
  const { stateful, stateless } = synthesize(stageNamed('dev'));
  const api = readApiDefinition(
    createSystem([stackOf('weir-dev-stateful', stateful), stackOf('weir-dev-stateless', stateless)]),
  );

  it.each(routes.map((route: Route) => [route.method, route.path, route.anyOf.length === 0] as const))(
    'the throttle of %s %s, which only a public route has',
    (httpMethod, resourcePath, isPublic) => {
      expect(api.stageThrottles({ httpMethod, resourcePath })).toEqual(
        isPublic ? { rateLimitPerSecond: 10, burstLimit: 20 } : undefined,
      );
    },
  );

  it.each(routes.map((route: Route) => [route.method, route.path, route.planShare] as const))(
    'the throttle that plans set for %s %s, which only a route with a share has',
    (httpMethod, resourcePath, planShare) => {
      const read = api.usagePlans.map(({ methodThrottles }) => methodThrottles({ httpMethod, resourcePath }));

      expect(read).toEqual(
        ladder.map((rung) => {
          if (planShare === undefined) return undefined;
          const rateLimitPerSecond = Math.max(1, rung * planShare);
          return { rateLimitPerSecond, burstLimit: rateLimitPerSecond * burstFactor };
        }),
      );
    },
  );

  it('the rungs of the ladder', () => {
    expect(api.usagePlans.map(({ throttle }) => throttle)).toEqual(
      ladder.map((rateLimitPerSecond) => ({
        rateLimitPerSecond,
        burstLimit: rateLimitPerSecond * burstFactor,
      })),
    );
  });
});

it('the twin reads the paths of methods as they are written for stages and for usage plans', () => {
  const throttle = { rateLimit: 3, burstLimit: 4 };
  const stack = new Stack(new App({ analyticsReporting: false, outdir: outputFolder() }), 'paths');
  const api = new RestApi(stack, 'Api', {
    deployOptions: {
      methodOptions: Object.fromEntries(
        ['//GET', '/a/{b}/c:d/GET'].map((path) => [
          path,
          { throttlingRateLimit: throttle.rateLimit, throttlingBurstLimit: throttle.burstLimit },
        ]),
      ),
    },
  });
  const methods = ['/', '/a/{b}/c:d'].map((path) =>
    api.root.resourceForPath(path).addMethod('GET', new MockIntegration()),
  );
  api.addUsagePlan('Plan', {
    apiStages: [{ stage: api.deploymentStage, throttle: methods.map((method) => ({ method, throttle })) }],
  });
  const system = createSystem([stackOf('paths', Assertions.fromStack(stack))]);
  const stage = only(system.resources('AWS::ApiGateway::Stage'));
  const [restApi] = system.resources('AWS::ApiGateway::RestApi');
  const [plan] = readUsagePlans(system, restApi?.reference ?? '', stage.reference);

  for (const throttles of [readStageThrottles(stage), plan?.methodThrottles])
    expect(
      ['/', '/a/{b}/c:d', '/a'].map((resourcePath) => throttles?.({ httpMethod: 'GET', resourcePath })),
    ).toEqual([
      { rateLimitPerSecond: 3, burstLimit: 4 },
      { rateLimitPerSecond: 3, burstLimit: 4 },
      undefined,
    ]);
});
