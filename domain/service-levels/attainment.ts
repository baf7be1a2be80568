// How well an objective was met over a time, and how much of its error budget that took. Without data it is neither met nor
// missed.

import { dayMs, hourMs } from '../system/time.ts';
import { errorBudget, floorOfBad, type Objective } from './objectives.ts';
import type { Hourly, Measured, TimeRange } from './port.ts';

export type Counts = { readonly total: number; readonly bad: number };

export type Attainment = Counts & {
  readonly percent: number;
  readonly isMet: boolean;
  /** How many may be bad of so many. */
  readonly budget: number;
  /**
   * Of the budget, in percent: more than 100 if it is used up. Over any time, 100 is a burn rate of 1. Infinite where
   * something is bad and nothing may be.
   */
  readonly usedPercent: number;
};

/** What an objective is measured by: `total` and `bad` of its indicator. */
export type Counted = Measured<'total' | 'bad'>;

/** What does not fit, such as more bad ones than all, is brought into bounds: an alarm of its own tells of it. */
export function countsIn(objective: Objective, { total, bad }: Counted, range: TimeRange): Counts {
  const all = Math.max(0, sumIn(total, range));
  // The ledger says each time what is missing by then: of a missing event it speaks in many hours.
  const badIn = objective.indicator.kind === 'ledger' ? mostIn : sumIn;
  return { total: all, bad: Math.min(all, Math.max(0, badIn(bad, range))) };
}

function mostIn(hourly: Hourly, { fromMs, toMs }: TimeRange): number {
  let most = 0;
  for (const [hour, value] of hourly) if (hour >= fromMs && hour < toMs) most = Math.max(most, value);
  return most;
}

export function sumIn(hourly: Hourly, { fromMs, toMs }: TimeRange): number {
  let sum = 0;
  for (const [hour, value] of hourly) if (hour >= fromMs && hour < toMs) sum += value;
  return sum;
}

/** Undefined without data. */
export function attainmentOf(objective: Objective, { total, bad }: Counts): Attainment | undefined {
  if (total <= 0) return undefined;
  const budget = total * errorBudget(objective);
  return {
    total,
    bad,
    percent: 100 * (1 - bad / total),
    // By the counts: percentages of large counts are too close to the target to be compared.
    isMet: bad <= budget * (1 + rounding),
    budget,
    usedPercent: bad === 0 ? 0 : (100 * bad) / budget,
  };
}

/** 0.1 % of 3,000 is 2.9999999999999716 in floating-point numbers. */
const rounding = 1e-9;

/**
 * The budget is used up, and by more than a few: one slow answer of twenty in a week is 5 %, and wakes nobody. Where none may
 * be bad, one is enough.
 */
export const isMissed = ({ isMet, budget, bad }: Attainment): boolean =>
  !isMet && (budget === 0 || bad >= floorOfBad.long);

/** For a metric, which has no infinite values: down to ten times the budget. */
export const budgetLeftPercent = ({ usedPercent }: Attainment): number => Math.max(100 - usedPercent, -1000);

const windowMsOf = ({ windowHours }: Objective): number => windowHours * hourMs;

export const windowOf = (objective: Objective, toMs: number): TimeRange => ({
  fromMs: toMs - windowMsOf(objective),
  toMs,
});

/** Such as `30 days` or `24 hours`. */
export function windowWords(objective: Objective): string {
  const windowMs = windowMsOf(objective);
  return windowMs > dayMs ? `${windowMs / dayMs} days` : `${windowMs / hourMs} hours`;
}

/** What is bad, as the end of a sentence with a number before it. */
export function badWords({ indicator }: Objective): string {
  const { kind, by }: { readonly kind: string; readonly by?: string } = indicator;
  if (kind === 'answers') return 'answers failed';
  if (kind === 'ledger') return 'events have no outcome';
  return by === 'consume' ? 'records were visible too late' : 'answers took too long';
}
