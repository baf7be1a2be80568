// Points in time and durations as an operator names and reads them.

import { dayMs, hourMs, iso, minuteMs, secondMs } from '../../domain/system/time.ts';
import { WrongUse } from '../errors.ts';

export const instantForms = 'RFC 3339, or how long ago: 90s, 30m, 2h, 7d';

export class InvalidInstant extends WrongUse {
  constructor(option: string, value: string) {
    super(`--${option} ${value} is not a time.`, `Give it in ${instantForms}.`);
  }
}

export class InvalidDuration extends WrongUse {
  constructor(option: string, value: string) {
    super(
      `--${option} ${value} is not a duration. Nothing was changed.`,
      'Give it as 90s, 30m, 24h or 90d; ten years is the most.',
    );
  }
}

/** Nothing lies between them, however much there is. */
export class InstantsOutOfOrder extends WrongUse {
  constructor() {
    super('--from has to be before --to.', 'Exchange them, or give an earlier --from.');
  }
}

const units: Readonly<Record<string, number>> = { s: secondMs, m: minuteMs, h: hourMs, d: dayMs };
const amountPattern = /^(\d+)([smhd])$/;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

export function readInstant(option: string, value: string, nowMs: number): number {
  const text = value.trim();
  if (text === 'now') return nowMs;
  const [, amount, unit = ''] = amountPattern.exec(text) ?? [];
  if (amount !== undefined) return nowMs - Number(amount) * (units[unit] ?? 0);
  const instantMs = rfc3339.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
  if (Number.isNaN(instantMs)) throw new InvalidInstant(option, value);
  return instantMs;
}

const longestDurationMs = 3650 * dayMs;

export function readDuration(option: string, value: string): number {
  const [, amount, unit = ''] = amountPattern.exec(value.trim()) ?? [];
  const durationMs = Number(amount) * (units[unit] ?? 0);
  if (amount === undefined || durationMs > longestDurationMs) throw new InvalidDuration(option, value);
  return durationMs;
}

/** In the largest unit of which two have passed, such as 41 min or 47 h. */
export function renderAge(ageMs: number): string {
  if (ageMs >= 2 * dayMs) return `${Math.floor(ageMs / dayMs)} days`;
  if (ageMs >= 2 * hourMs) return `${Math.floor(ageMs / hourMs)} h`;
  return `${Math.max(0, Math.floor(ageMs / minuteMs))} min`;
}

/** To the minute, UTC. */
export const renderMinute = (instantMs: number): string => iso(instantMs).slice(0, 16).replace('T', ' ');

export function assertInOrder({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): void {
  if (fromMs >= toMs) throw new InstantsOutOfOrder();
}
