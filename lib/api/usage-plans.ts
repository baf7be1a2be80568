// The usage plans, which limit the request rate of each account: one plan for each rate of the ladder. The operator's
// command attaches the key of an account to a plan, whose id is an output of the stack. A route with a share of the plan or
// a bound of its own has a lower throttle.

import type { RestApi, ThrottleSettings, ThrottlingPerMethod, UsagePlan } from 'aws-cdk-lib/aws-apigateway';
import { burstFactor, ladder } from '../../domain/accounts/tiers.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import type { MethodOfRoute } from './routes.ts';

/** Returns the id of each plan by the name of its stack output. */
export function addUsagePlans(
  api: RestApi,
  stage: StageSettings,
  methods: readonly MethodOfRoute[],
): Readonly<Record<string, string>> {
  let previous: UsagePlan | undefined;
  const plans = ladder.map((requestsPerSecond) => {
    const name = `UsagePlanRate${requestsPerSecond}`;
    const plan = api.addUsagePlan(name, {
      name: `weir-${stage.name}-rate-${requestsPerSecond}`,
      description: `${requestsPerSecond} requests a second for each key`,
      throttle: throttleOf(requestsPerSecond),
      apiStages: [{ stage: api.deploymentStage, throttle: lowerThrottles(requestsPerSecond, methods) }],
    });
    // API Gateway takes one change of a plan in 20 s, for all of an AWS account. Several at once would use up the retries
    // of CloudFormation, and those of its way back as well.
    if (previous !== undefined) plan.node.addDependency(previous);
    previous = plan;
    return [name, plan.usagePlanId] as const;
  });
  return Object.fromEntries(plans);
}

/** Rounded to whole requests a second, because a burst must be an integer; at least one. */
function lowerThrottles(requestsPerSecond: number, methods: readonly MethodOfRoute[]): ThrottlingPerMethod[] {
  return methods.flatMap(({ route: { planShare, mostPerSecond }, method }) => {
    if (planShare !== undefined)
      return { method, throttle: throttleOf(Math.max(1, Math.round(requestsPerSecond * planShare))) };
    // The burst of a slower plan comes to more than a bound that is about concurrency.
    return mostPerSecond === undefined
      ? []
      : {
          method,
          throttle: { rateLimit: Math.min(requestsPerSecond, mostPerSecond), burstLimit: mostPerSecond },
        };
  });
}

function throttleOf(requestsPerSecond: number): ThrottleSettings {
  return { rateLimit: requestsPerSecond, burstLimit: requestsPerSecond * burstFactor };
}
