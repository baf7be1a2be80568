// The coarse outer wall of an account's request rate: one usage plan per rung of the ladder. An account's key is
// attached to a rung by the operator, who finds the plan's id among the outputs of the stack.

import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { burstFactor, ladder } from '../../domain/tiers.ts';
import type { StageSettings } from '../stage-settings.ts';

/** The ids of the plans by the name of their output. */
export function addUsagePlans(api: RestApi, stage: StageSettings): Readonly<Record<string, string>> {
  const plans = ladder.map((requestsPerSecond) => {
    const name = `UsagePlanRate${requestsPerSecond}`;
    const plan = api.addUsagePlan(name, {
      name: `weir-${stage.name}-rate-${requestsPerSecond}`,
      description: `${requestsPerSecond} requests a second for each key`,
      throttle: { rateLimit: requestsPerSecond, burstLimit: requestsPerSecond * burstFactor },
      apiStages: [{ stage: api.deploymentStage }],
    });
    return [name, plan.usagePlanId] as const;
  });
  return Object.fromEntries(plans);
}
