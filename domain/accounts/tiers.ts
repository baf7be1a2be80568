// What an account gets by default. A tier names a rung of the ladder of usage plans; an account may be
// moved to any other rung, because API Gateway allows only 300 plans a region and keys are attached to plans.

export type TierName = 'standard' | 'enterprise' | 'custom';

export type Tier = {
  readonly requestsPerSecond: Rung;
  readonly retentionDays: number;
  readonly slots: number;
};

/** Requests a second of each usage plan. A plan's burst is `burstFactor` times its rate. */
export const ladder = [10, 50, 100, 250, 500, 1000, 2500, 5000] as const;
export type Rung = (typeof ladder)[number];
export const burstFactor = 3;

export const tiers: Readonly<Record<TierName, Tier>> = {
  standard: { requestsPerSecond: 50, retentionDays: 30, slots: 1 },
  enterprise: { requestsPerSecond: 500, retentionDays: 90, slots: 1 },
  custom: { requestsPerSecond: 1000, retentionDays: 90, slots: 1 },
};
