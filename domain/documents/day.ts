// A day that is over: the fold of all its hours in all slots, kept so that a month is not read hour by hour. It says of
// which mark and of how many slots it is, and is good only while these are the day's.

import type { Tenant } from '../keys.ts';
import { dayMs, floorTo, hourMs } from '../system/time.ts';
import { type DocumentFields, type DocumentKey, fieldBytes, type VersionedDocument } from './documents.ts';
import { type HourCounts, hourFromFields, hourToFields, mergeHours } from './hour.ts';
import { maxDocumentBytes } from './size-limits.ts';
import { noTopUsers, reducedTo } from './top-users.ts';

export type DayKey = { readonly tenant: Tenant; readonly dayMs: number };

/** How often something was counted into the day since it was over, and of how many slots the hours are. */
export type DayState = { readonly mark: number; readonly slots: number };

export type DayDocument = {
  readonly key: DayKey;
  readonly state: DayState;
  readonly expiresAtMs: number;
  /** None where they would not fit: kept all the same, so that the day is not tried again while this is good. */
  readonly fields: DocumentFields | undefined;
};
export type FoldedDay = DayDocument & { readonly fields: DocumentFields };

export const isFolded = (day: DayDocument): day is FoldedDay => day.fields !== undefined;

/**
 * Who counts decides by its own clock, before it commits, whether the day is over and has to be marked. An hour is more
 * than the longest invocation and any difference of clocks: after it, nothing is counted into the day without a mark.
 */
const settledAfterMs = hourMs;

/** The first instant that is not of a day which may be folded by now. */
export const foldableUntilMs = (nowMs: number): number => floorTo(nowMs - settledAfterMs, dayMs);

/** A mark has to outlive every fold that was made before it: so this is well under how long marks are kept. */
const foldLifeMs = 7 * dayMs;

/** More slots than the reader knows of are no less true: one instance may hear of new ones before another. */
export const isCurrent = ({ state, expiresAtMs }: DayDocument, now: DayState, nowMs: number): boolean =>
  state.mark === now.mark && state.slots >= now.slots && expiresAtMs > nowMs;

export const hoursOfDay = ({ tenant, dayMs: day }: DayKey, slots: number): DocumentKey[] =>
  Array.from({ length: slots * (dayMs / hourMs) }, (_, index) => ({
    tenant,
    slot: index % slots,
    kind: 'hour',
    hourMs: day + Math.floor(index / slots) * hourMs,
  }));

/**
 * Undefined where there are no hours, since reading none costs as little as reading a fold of none. Without fields where
 * names alone take more than a document may: readers go on reading the hours.
 */
export function foldDay(
  key: DayKey,
  state: DayState,
  hours: readonly VersionedDocument[],
  nowMs: number,
): DayDocument | undefined {
  if (hours.length === 0) return undefined;
  const fields = fieldsWithin(mergeHours(hours.map((hour) => hourFromFields(hour.fields))));
  const hoursExpireAtMs = Math.max(...hours.map((hour) => hour.expiresAtMs));
  return { key, state, expiresAtMs: Math.min(hoursExpireAtMs, nowMs + foldLifeMs), fields };
}

/** Totals and names are never capped. Only top users may give way, because they can say how much they lost. */
function fieldsWithin(day: HourCounts): DocumentFields | undefined {
  const whole = hourToFields(day);
  if (fieldBytes(whole) <= maxDocumentBytes) return whole;
  const othersBytes = fieldBytes(hourToFields({ ...day, topUsers: noTopUsers }));
  const left = { users: day.topUsers.counts.size, bytes: maxDocumentBytes - othersBytes };
  const reduced = hourToFields({ ...day, topUsers: reducedTo(left, day.topUsers) });
  return fieldBytes(reduced) <= maxDocumentBytes ? reduced : undefined;
}
