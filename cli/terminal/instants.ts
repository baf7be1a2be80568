// Points in time and durations as an operator names and reads them.

import { durationForms, instantForms, parseDuration, parseInstant } from '../../domain/system/instants.ts';
import { dayMs, hourMs, iso, minuteMs } from '../../domain/system/time.ts';
import { WrongUse } from '../errors.ts';

export class InvalidInstant extends WrongUse {
  constructor(option: string, value: string) {
    super(`--${option} ${value} is not a time.`, `Give it in ${instantForms}.`);
  }
}

export class InvalidDuration extends WrongUse {
  constructor(option: string, value: string) {
    super(`--${option} ${value} is not a duration. Nothing was changed.`, `Give it as ${durationForms}.`);
  }
}

/** Nothing lies between them, however much there is. */
export class InstantsOutOfOrder extends WrongUse {
  constructor() {
    super('--from has to be before --to.', 'Exchange them, or give an earlier --from.');
  }
}

export function readInstant(option: string, value: string, nowMs: number): number {
  const instantMs = parseInstant(value, nowMs);
  if (instantMs === undefined) throw new InvalidInstant(option, value);
  return instantMs;
}

export function readDuration(option: string, value: string): number {
  const durationMs = parseDuration(value);
  if (durationMs === undefined) throw new InvalidDuration(option, value);
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
