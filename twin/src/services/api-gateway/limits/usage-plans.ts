// The usage plans that hold the stage, each with what it allows a key.

import type { Template } from '../../../template/template.ts';
import { type MethodThrottles, type PlanThrottleSettings, readPlanThrottles } from './method-throttles.ts';
import { type Quota, type QuotaSettings, readQuota } from './quota.ts';
import { readThrottle, type Throttle } from './throttle.ts';

export type UsagePlan = {
  readonly planId: string;
  /** For each key, over all methods. A plan without one sets no limit of its own. */
  readonly throttle: Throttle | undefined;
  /** For each key, in one method. */
  readonly methodThrottles: MethodThrottles;
  readonly quota: Quota | undefined;
};

type ApiStage = {
  readonly ApiId?: string;
  readonly Stage?: string;
  readonly Throttle?: PlanThrottleSettings;
};

export function readUsagePlans(template: Template, apiId: string, stageName: string): readonly UsagePlan[] {
  return template.resources('AWS::ApiGateway::UsagePlan').flatMap(({ logicalId, reference, properties }) => {
    const stages = (properties.ApiStages ?? []) as readonly ApiStage[];
    const stage = stages.find(({ ApiId, Stage }) => ApiId === apiId && Stage === stageName);
    if (stage === undefined) return [];
    const { RateLimit, BurstLimit } = (properties.Throttle ?? {}) as Readonly<Record<string, unknown>>;
    return {
      planId: reference,
      throttle: readThrottle(`${logicalId}: Throttle`, RateLimit, BurstLimit),
      methodThrottles: readPlanThrottles(logicalId, stage.Throttle ?? {}),
      quota: readQuota(logicalId, properties.Quota as QuotaSettings | undefined),
    };
  });
}
