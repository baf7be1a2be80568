// What accounts may do, and how long and how widely their data is kept: the settings of each tier, and the rules that the
// settings of tiers and accounts must keep. Accounts share usage plans, one plan for each rung of the ladder, because API
// Gateway allows only 300 plans in a region.

import { longestRetentionDays, mostRejectedDays, shortestRetentionDays } from './retention.ts';

export const tierNames = ['standard', 'enterprise', 'custom'] as const;
export type TierName = (typeof tierNames)[number];

/** The request rate of each usage plan, in requests a second. The burst of a plan is `burstFactor` times its rate. */
export const ladder = [10, 50, 100, 250, 500, 1000, 2500, 5000] as const;
export type Rung = (typeof ladder)[number];
export const burstFactor = 3;

/** An account can have another value than its tier. */
export type Limits = {
  readonly requestsPerSecond: Rung;
  readonly eventsPerMinute: number;
  readonly eventsPerDay: number;
  readonly eventsPerMonth: number;
  readonly summaryReadsPerMinute: number;
  /** How many slots new batches are spread over. */
  readonly slots: number;
  /** Not longer for a tier in a later release, unless its accounts have had it before: see ADR 13. */
  readonly retentionDays: number;
  /** How long rejected events are kept, so that they can be corrected and sent again. 0: they are not kept. */
  readonly keepRejectedDays: number;
};
export const limitNames = [
  'requestsPerSecond',
  'eventsPerMinute',
  'eventsPerDay',
  'eventsPerMonth',
  'summaryReadsPerMinute',
  'slots',
  'retentionDays',
  'keepRejectedDays',
] as const satisfies readonly (keyof Limits)[];
export type LimitName = keyof Limits;

/**
 * `custom` is for accounts with settings of their own. It has one slot, within which events keep their order, until an
 * operator gives the account more: report does not. `shed`: whose requests are refused first and last, if not all can be
 * stored in time.
 */
export type Tier = Limits & { readonly shed: 'first' | 'last' };

export const tiers: Readonly<Record<TierName, Tier>> = {
  standard: {
    requestsPerSecond: 50,
    eventsPerMinute: 60_000,
    eventsPerDay: 5_000_000,
    eventsPerMonth: 150_000_000,
    summaryReadsPerMinute: 60,
    slots: 1,
    retentionDays: 30,
    keepRejectedDays: 0,
    shed: 'first',
  },
  enterprise: {
    requestsPerSecond: 500,
    eventsPerMinute: 2_000_000,
    eventsPerDay: 500_000_000,
    eventsPerMonth: 15_000_000_000,
    summaryReadsPerMinute: 1200,
    slots: 4,
    retentionDays: 90,
    keepRejectedDays: 0,
    shed: 'last',
  },
  custom: {
    requestsPerSecond: 1000,
    eventsPerMinute: 2_000_000,
    eventsPerDay: 500_000_000,
    eventsPerMonth: 15_000_000_000,
    summaryReadsPerMinute: 1200,
    slots: 1,
    retentionDays: 90,
    keepRejectedDays: 0,
    shed: 'last',
  },
};

/** A reader reads two lanes for each slot. Of more lanes, consume does not tell a refused account from an outage. */
export const mostSlotsOfAccount = 8;

type Rule = {
  /** As verbs, audit entries and the table name it. */
  readonly field: string;
  readonly values: readonly number[] | { readonly least: number; readonly most: number };
};

const quota = { least: 1, most: 1_000_000_000_000 };

export const limitRules: Readonly<Record<LimitName, Rule>> = {
  requestsPerSecond: { field: 'requests_per_second', values: ladder },
  eventsPerMinute: {
    field: 'events_per_minute',
    // The use of a limit is kept for a day: the heaviest batch must be paid for by then.
    values: { ...quota, least: 60 },
  },
  eventsPerDay: { field: 'events_per_day', values: quota },
  eventsPerMonth: { field: 'events_per_month', values: quota },
  summaryReadsPerMinute: { field: 'summary_reads_per_minute', values: quota },
  slots: { field: 'slots', values: { least: 1, most: mostSlotsOfAccount } },
  retentionDays: {
    field: 'retention_days',
    values: { least: shortestRetentionDays, most: longestRetentionDays },
  },
  keepRejectedDays: { field: 'keep_rejected_days', values: { least: 0, most: mostRejectedDays } },
};

/** What a limit may be, as a phrase. */
export function allowedOf(name: LimitName): string {
  const { values } = limitRules[name];
  if ('least' in values) return `a whole number from ${values.least} to ${values.most}`;
  return `one of ${values.join(', ')}`;
}

export function isAllowed(name: LimitName, value: unknown): boolean {
  const { values } = limitRules[name];
  if (!Number.isSafeInteger(value)) return false;
  if ('least' in values) return Number(value) >= values.least && Number(value) <= values.most;
  return values.includes(Number(value));
}

/** The limits that are missing or not allowed. */
export const faultsOf = (limits: Partial<Record<LimitName, unknown>>): readonly LimitName[] =>
  limitNames.filter((name) => !isAllowed(name, limits[name]));
