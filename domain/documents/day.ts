// The day document: the fold of all hours of a closed day, over all lanes, so that a month is not read hour by hour. It
// carries the mark and the number of slots that it was folded from, and is current only while both still hold.

import { type Lane, laneKey, lanesOf, type Position, type Tenant } from '../keys.ts';
import { dayMs, floorTo, hourMs } from '../system/time.ts';
import { type DocumentFields, type DocumentKey, fieldBytes, type VersionedDocument } from './documents.ts';
import { type HourCounts, hourFromFields, hourToFields, mergeHours } from './hour.ts';
import { noMinutes } from './minutes.ts';
import { maxDocumentBytes } from './size-limits.ts';
import { noTopUsers, reducedTo } from './top-users.ts';

export type DayKey = { readonly tenant: Tenant; readonly dayMs: number };

/** `mark`: how often something was counted into the day after it closed. `slots`: how many slots the hours are from. */
export type DayState = { readonly mark: number; readonly slots: number };

export type DayDocument = {
  readonly key: DayKey;
  readonly state: DayState;
  /** By lane: the end of the last run that is in it. A reader adds what was received later. */
  readonly foldedTo: readonly Position[];
  readonly expiresAtMs: number;
  /**
   * Undefined if the fold is too large. It is stored all the same, so that the day is not folded again while current.
   */
  readonly fields: DocumentFields | undefined;
};
export type FoldedDay = DayDocument & { readonly fields: DocumentFields };

export const isFolded = (day: DayDocument): day is FoldedDay => day.fields !== undefined;

/**
 * A counter decides by its own clock, before it commits, whether a day is closed and needs a mark. An hour is longer
 * than the longest invocation and any clock difference. After it, nothing is counted into the day without a mark.
 */
const foldableAfterMs = hourMs;

/** Days that end at or before this instant can be folded. */
export const foldableUntilMs = (nowMs: number): number => floorTo(nowMs - foldableAfterMs, dayMs);

/** Much shorter than the life of a mark, because a mark must outlive every fold that was made before it. */
const foldLifeMs = 7 * dayMs;

/** A fold of more slots than the reader knows is current too: another instance may have learned of new slots first. */
export const isCurrent = ({ state, expiresAtMs }: DayDocument, now: DayState, nowMs: number): boolean =>
  state.mark === now.mark && state.slots >= now.slots && expiresAtMs > nowMs;

export const hoursOfDay = ({ tenant, dayMs: day }: DayKey, slots: number): DocumentKey[] =>
  lanesOf(tenant, slots).flatMap((lane) =>
    Array.from({ length: dayMs / hourMs }, (_, hour) => ({
      lane,
      kind: 'hour',
      hourMs: day + hour * hourMs,
    })),
  );

/** The end of the last folded run of each lane of the tenant. */
export type FoldedTo = readonly { readonly lane: Lane; readonly to: Position }[];

/**
 * Undefined if the day has no hours: to read no hours is as cheap as to read an empty fold. Also if an hour has a run that
 * its lane had not folded whole when `foldedTo` was read, before the hours: other hours may not have it yet. Without
 * fields if the names alone exceed the size of a document: readers then read the hours.
 */
export function foldDay(
  key: DayKey,
  state: DayState,
  foldedTo: FoldedTo,
  hours: readonly VersionedDocument[],
  nowMs: number,
): DayDocument | undefined {
  if (hours.length === 0) return undefined;
  const ends = new Map(foldedTo.map(({ lane, to }) => [laneKey(lane), to]));
  if (hours.some((hour) => hour.foldedTo > (ends.get(laneKey(hour.key.lane)) ?? ''))) return undefined;
  const merged = mergeHours(hours.map((hour) => hourFromFields(hour.fields)));
  // Minutes are of an hour. Who needs them reads the hours.
  const fields = fieldsWithin({ ...merged, minutes: noMinutes() });
  const hoursExpireAtMs = Math.max(...hours.map((hour) => hour.expiresAtMs));
  return {
    key,
    state,
    foldedTo: foldedTo.map(({ to }) => to),
    expiresAtMs: Math.min(hoursExpireAtMs, nowMs + foldLifeMs),
    fields,
  };
}

/** Totals and names are never cut. Only top users are reduced to fit, because they carry their error. */
function fieldsWithin(day: HourCounts): DocumentFields | undefined {
  const whole = hourToFields(day);
  if (fieldBytes(whole) <= maxDocumentBytes) return whole;
  const othersBytes = fieldBytes(hourToFields({ ...day, topUsers: noTopUsers }));
  const left = { users: day.topUsers.counts.size, bytes: maxDocumentBytes - othersBytes };
  const reduced = hourToFields({ ...day, topUsers: reducedTo(left, day.topUsers) });
  return fieldBytes(reduced) <= maxDocumentBytes ? reduced : undefined;
}
