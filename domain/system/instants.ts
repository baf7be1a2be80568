// Points in time and durations as people write them: to verbs, and in requests.

import { dayMs, hourMs, minuteMs, secondMs } from './time.ts';

export const instantForms = 'RFC 3339, or how long ago: 90s, 30m, 2h, 7d';
export const durationForms = '90s, 30m, 24h or 90d; ten years is the most';

const units: Readonly<Record<string, number>> = { s: secondMs, m: minuteMs, h: hourMs, d: dayMs };
const amountPattern = /^(\d+)([smhd])$/;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

const longestDurationMs = 3650 * dayMs;

/** Undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit = ''] = amountPattern.exec(text.trim()) ?? [];
  const durationMs = Number(amount) * (units[unit] ?? 0);
  return amount === undefined || durationMs > longestDurationMs ? undefined : durationMs;
}

/** What a sort key can hold. */
const latestMs = 9_999_999_999_999;

/** Undefined if it is none. One that no key can hold is moved to the nearest that can. */
export function parseInstant(text: string, nowMs: number): number | undefined {
  const trimmed = text.trim();
  const [, amount, unit = ''] = amountPattern.exec(trimmed) ?? [];
  const instantMs =
    amount !== undefined
      ? nowMs - Number(amount) * (units[unit] ?? 0)
      : trimmed === 'now'
        ? nowMs
        : rfc3339.test(trimmed)
          ? Date.parse(trimmed.toUpperCase())
          : Number.NaN;
  return Number.isNaN(instantMs) ? undefined : Math.min(latestMs, Math.max(0, instantMs));
}
