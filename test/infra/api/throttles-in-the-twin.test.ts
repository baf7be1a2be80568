import { readApiDefinitions, readStageThrottles, readUsagePlans } from '@weir/twin/enforcement';
import { createTemplate, type StackTemplate } from '@weir/twin/template';
import { App, Stack } from 'aws-cdk-lib';
import { Template as Assertions } from 'aws-cdk-lib/assertions';
import { MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { describe, expect, it } from 'vitest';
import { burstFactor, ladder } from '../../../domain/accounts/tiers.ts';
import { type Route, routes } from '../../../domain/api/routes.ts';
import { only, outputFolders, stageNamed, synthesize } from '../synthesize.ts';

const outputFolder = outputFolders();

const stackOf = (name: string, template: Assertions) => ({
  name,
  template: template.toJSON() as StackTemplate,
  assetFolders: new Map<string, string>(),
});

describe('the twin reads of the template', () => {
  const { stateful, stateless } = synthesize(stageNamed('dev'));
  const [api] = readApiDefinitions(
    createTemplate([stackOf('weir-dev-stateful', stateful), stackOf('weir-dev-stateless', stateless)]),
  );
  if (api === undefined) throw new Error('The template has no REST API.');

  it.each(routes.map((route: Route) => [route.method, route.path, route.anyOf.length === 0] as const))(
    'the throttle of %s %s, which only public routes have',
    (httpMethod, resourcePath, isPublic) => {
      expect(api.stageThrottles({ httpMethod, resourcePath })).toEqual(
        isPublic ? { rateLimitPerSecond: 10, burstLimit: 20 } : undefined,
      );
    },
  );

  it.each(routes.map((route: Route) => [route.method, route.path, route] as const))(
    'the throttle in usage plans for %s %s, which only routes with a share or a bound have',
    (httpMethod, resourcePath, { planShare, mostPerSecond }) => {
      const read = api.usagePlans.map(({ methodThrottles }) => methodThrottles({ httpMethod, resourcePath }));

      expect(read).toEqual(
        ladder.map((rung) => {
          if (mostPerSecond !== undefined)
            return { rateLimitPerSecond: Math.min(rung, mostPerSecond), burstLimit: mostPerSecond };
          if (planShare === undefined) return undefined;
          const rateLimitPerSecond = Math.max(1, rung * planShare);
          return { rateLimitPerSecond, burstLimit: rateLimitPerSecond * burstFactor };
        }),
      );
    },
  );

  it('the rates of the ladder', () => {
    expect(api.usagePlans.map(({ throttle }) => throttle)).toEqual(
      ladder.map((rateLimitPerSecond) => ({
        rateLimitPerSecond,
        burstLimit: rateLimitPerSecond * burstFactor,
      })),
    );
  });
});

it('the twin reads the paths of methods as the CDK writes them for stages and for usage plans', () => {
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
  const template = createTemplate([stackOf('paths', Assertions.fromStack(stack))]);
  const stage = only(template.resources('AWS::ApiGateway::Stage'));
  const [restApi] = template.resources('AWS::ApiGateway::RestApi');
  const [plan] = readUsagePlans(template, restApi?.reference ?? '', stage.reference);

  for (const throttles of [readStageThrottles(stage), plan?.methodThrottles])
    expect(
      ['/', '/a/{b}/c:d', '/a'].map((resourcePath) => throttles?.({ httpMethod: 'GET', resourcePath })),
    ).toEqual([
      { rateLimitPerSecond: 3, burstLimit: 4 },
      { rateLimitPerSecond: 3, burstLimit: 4 },
      undefined,
    ]);
});
