// The coarse outer wall of an account's request rate: one usage plan per rung of the ladder. An account's key is
// attached to a rung by the operator, who finds the plan's id among the outputs of the stack. A route with a share of
// the plan has a throttle of its own within it.

import type { RestApi, ThrottleSettings, ThrottlingPerMethod } from 'aws-cdk-lib/aws-apigateway';
import { burstFactor, ladder } from '../../domain/accounts/tiers.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import type { MethodOfRoute } from './routes.ts';

/** The ids of the plans by the name of their output. */
export function addUsagePlans(
  api: RestApi,
  stage: StageSettings,
  methods: readonly MethodOfRoute[],
): Readonly<Record<string, string>> {
  const plans = ladder.map((requestsPerSecond) => {
    const name = `UsagePlanRate${requestsPerSecond}`;
    const plan = api.addUsagePlan(name, {
      name: `weir-${stage.name}-rate-${requestsPerSecond}`,
      description: `${requestsPerSecond} requests a second for each key`,
      throttle: throttleOf(requestsPerSecond),
      apiStages: [{ stage: api.deploymentStage, throttle: sharesOf(requestsPerSecond, methods) }],
    });
    return [name, plan.usagePlanId] as const;
  });
  return Object.fromEntries(plans);
}

/** At least one request a second, and whole ones: a burst cannot be a fraction. */
function sharesOf(requestsPerSecond: number, methods: readonly MethodOfRoute[]): ThrottlingPerMethod[] {
  return methods.flatMap(({ route: { planShare }, method }) =>
    planShare === undefined
      ? []
      : { method, throttle: throttleOf(Math.max(1, Math.round(requestsPerSecond * planShare))) },
  );
}

function throttleOf(requestsPerSecond: number): ThrottleSettings {
  return { rateLimit: requestsPerSecond, burstLimit: requestsPerSecond * burstFactor };
}
