// What becomes of what is over a limit of an account.

import { type QuotaMode, quotaModes } from '../limits/quota.ts';

/** `observe`: nothing is refused because of a limit or a quota. What would be is counted. */
export const limitsModes = ['enforce', 'observe'] as const;
export type LimitsMode = (typeof limitsModes)[number];

/** Without a mode of its own, an account has these. That of quotas is a setting of the stage. */
export type LimitModes = { readonly limitsMode?: LimitsMode; readonly quotaMode?: QuotaMode };

export const limitModeRules = {
  limitsMode: { field: 'limits', values: limitsModes },
  quotaMode: { field: 'quotas', values: quotaModes },
} as const satisfies Readonly<Record<keyof LimitModes, object>>;
export const limitModeNames = ['limitsMode', 'quotaMode'] as const;
export type LimitModeName = (typeof limitModeNames)[number];

/** What is in force. An account whose limits are only observed has no hard quota. */
export function modesInForce(
  { limitsMode = 'enforce', quotaMode }: LimitModes,
  ofStage: QuotaMode,
): Required<LimitModes> {
  const quotas = quotaMode ?? ofStage;
  return { limitsMode, quotaMode: limitsMode === 'observe' && quotas === 'hard' ? 'observe' : quotas };
}
