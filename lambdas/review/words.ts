// Numbers, times and sentences as reports show them, in English and UTC.

import {
  type Attainment,
  badWords,
  budgetLeftPercent,
  windowWords,
} from '../../domain/service-levels/attainment.ts';
import type { Incident } from '../../domain/service-levels/incidents.ts';
import type { Objective } from '../../domain/service-levels/objectives.ts';
import type { TimeRange } from '../../domain/service-levels/port.ts';
import { todoOf } from '../../domain/service-levels/verdict.ts';
import { dayMs, hourMs, iso, minuteMs } from '../../domain/system/time.ts';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
export const count = (value: number): string => whole.format(value);

/** Rounded down, so that 99.96 % never reads as 100 %. */
export function percent(value: number): string {
  const shown = Math.floor(value * 1000 + 1e-6) / 1000;
  return `${shown.toFixed(value === 100 ? 0 : 3)} %`;
}

export const used = (value: number): string =>
  Number.isFinite(value) ? `${value > 0 && value < 1 ? '<1' : count(value)} %` : 'all';

export const milliseconds = (value: number): string =>
  value < 10_000 ? `${count(value)} ms` : `${(value / 1000).toFixed(1)} s`;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
export function day(instantMs: number): string {
  const date = new Date(instantMs);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}
export const minute = (instantMs: number): string => `${day(instantMs)} ${iso(instantMs).slice(11, 16)}`;

/** Full days are named by their first and last day. */
export function rangeWords({ fromMs, toMs }: TimeRange): string {
  if (fromMs % dayMs !== 0 || toMs % dayMs !== 0) return `${minute(fromMs)} to ${minute(toMs)} UTC`;
  return toMs - fromMs === dayMs ? day(fromMs) : `${day(fromMs)} to ${day(toMs - dayMs)}`;
}

export function duration(ms: number): string {
  if (ms >= 2 * dayMs) return `${Math.round(ms / dayMs)} days`;
  if (ms >= 2 * hourMs) return `${Math.round(ms / hourMs)} h`;
  return `${Math.max(1, Math.round(ms / minuteMs))} min`;
}

export const lasted = ({ fromMs, toMs }: Incident, atMs: number): string =>
  toMs === undefined ? `open for ${duration(atMs - fromMs)}` : duration(toMs - fromMs);

export const promiseWords = (objective: Objective): string =>
  `${objective.targetPercent} % over ${windowWords(objective)}`;

export type Standing = 'met' | 'not met' | 'no data';
export const standingOf = (attainment: Attainment | undefined): Standing =>
  attainment === undefined ? 'no data' : attainment.isMet ? 'met' : 'not met';

/** How the budget was computed, in numbers. */
export function budgetSentence(objective: Objective, of: Attainment | undefined): string {
  if (of === undefined) return `Nothing was measured in the last ${windowWords(objective)}.`;
  const happened = `${count(of.bad)} of ${count(of.total)} ${badWords(objective)}`;
  if (of.budget === 0) return `${happened}; none may.`;
  return `${happened}; the budget was ${count(of.budget)}; ${used(of.usedPercent)} used.`;
}

/** Of the period alone: how fast it used the budget, and what to do about that. */
export function burnSentence(of: Attainment | undefined): string {
  if (of === undefined) return 'No data in this time.';
  if (of.budget === 0)
    return of.bad === 0 ? 'Nothing lost in this time.' : `${count(of.bad)} lost in this time.`;
  const burn = of.usedPercent / 100;
  return `In this time the budget burned at ${burn.toFixed(1)}x: ${todoOf(burn)}.`;
}

export const leftWords = (of: Attainment): string => `${count(Math.max(0, budgetLeftPercent(of)))} % left`;

export function changeWords(now: number, before: number): string {
  if (before === 0) return now === 0 ? 'none before either' : 'none before';
  const change = (100 * (now - before)) / before;
  if (Math.abs(change) < 1) return 'as before';
  return `${count(Math.abs(change))} % ${change > 0 ? 'more' : 'fewer'} than before`;
}
