// The defaults of an account: request rate, retention and slots. Accounts share usage plans, one plan for each rung of
// the ladder, because API Gateway allows only 300 plans in a region. An account can be moved to any other rung.

export type TierName = 'standard' | 'enterprise' | 'custom';

export type Tier = {
  readonly requestsPerSecond: Rung;
  readonly retentionDays: number;
  readonly slots: number;
};

/** The request rate of each usage plan, in requests a second. The burst of a plan is `burstFactor` times its rate. */
export const ladder = [10, 50, 100, 250, 500, 1000, 2500, 5000] as const;
export type Rung = (typeof ladder)[number];
export const burstFactor = 3;

export const tiers: Readonly<Record<TierName, Tier>> = {
  standard: { requestsPerSecond: 50, retentionDays: 30, slots: 1 },
  enterprise: { requestsPerSecond: 500, retentionDays: 90, slots: 1 },
  custom: { requestsPerSecond: 1000, retentionDays: 90, slots: 1 },
};
