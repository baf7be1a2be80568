// The limits of a stage, as its functions and its operator get them.

import type { StageLimits } from '../../domain/limits/stage-limits.ts';
import type { StageSettings } from './stage-settings.ts';

export const stageLimitsOf = ({ quotas, offPeak }: StageSettings): StageLimits => ({
  quotas,
  ...(!('leftOut' in offPeak) && { offPeak }),
});
