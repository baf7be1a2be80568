// Points in time as an operator names them: RFC 3339, or how long ago.

import { dayMs, hourMs, minuteMs, secondMs } from '../../domain/system/time.ts';
import { WrongUse } from '../errors.ts';

export const instantForms = 'RFC 3339, or how long ago: 90s, 30m, 2h, 7d';

export class InvalidInstant extends WrongUse {
  constructor(option: string, value: string) {
    super(`--${option} ${value} is not a time.`, `Give it in ${instantForms}.`);
  }
}

/** Nothing lies between them, however much there is. */
export class InstantsOutOfOrder extends WrongUse {
  constructor() {
    super('--from has to be before --to.', 'Exchange them, or give an earlier --from.');
  }
}

const units: Readonly<Record<string, number>> = { s: secondMs, m: minuteMs, h: hourMs, d: dayMs };
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

export function readInstant(option: string, value: string, nowMs: number): number {
  const text = value.trim();
  if (text === 'now') return nowMs;
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return nowMs - Number(amount) * (units[unit] ?? 0);
  const instantMs = rfc3339.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
  if (Number.isNaN(instantMs)) throw new InvalidInstant(option, value);
  return instantMs;
}

export function assertInOrder({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): void {
  if (fromMs >= toMs) throw new InstantsOutOfOrder();
}
