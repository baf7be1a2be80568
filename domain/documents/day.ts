// The fold of all hours of a closed day, over all lanes, so that a month is not read hour by hour. It has two documents: the
// day added up, for summaries, and its hours, for series. Each carries the mark and the number of slots that it was folded
// from, and is current only while both still hold. A reader reads one of the two, so that neither needs the other.

import { type Lane, laneKey, lanesOf, type Position, type Tenant } from '../keys.ts';
import { dayMs, floorTo, hourMs } from '../system/time.ts';
import { DayHours } from './day-hours.ts';
import {
  type DocumentFields,
  type DocumentKey,
  fieldBytes,
  foldLifeMs,
  type VersionedDocument,
} from './documents.ts';
import type { HourCounts } from './hour.ts';
import { hourToFields, hourWireOf } from './hour-wire.ts';
import { MergedHours } from './merged-hours.ts';
import { namesWithin } from './names.ts';
import { maxDocumentBytes, maxNamesBytes } from './size-limits.ts';
import { noTopUsers, reducedTo, topUsersCapacity } from './top-users.ts';

export type DayKey = { readonly tenant: Tenant; readonly dayMs: number };

/** `mark`: how often something was counted into the day after it closed. `slots`: how many slots the hours are from. */
export type DayState = { readonly mark: number; readonly slots: number };

/** `day`: all its hours together. `hours`: each of them, without users. */
export type DayKind = 'day' | 'hours';

export type DayDocument = {
  readonly kind: DayKind;
  readonly key: DayKey;
  readonly state: DayState;
  /** By lane: the end of the last run that is in it. A reader adds what was received later. */
  readonly foldedTo: readonly Position[];
  /** It has what was counted before. */
  readonly madeAtMs: number;
  /** How large the hours are that it was made of. */
  readonly hourBytes: number;
  readonly expiresAtMs: number;
  readonly fields: DocumentFields;
};

export type Fold = { readonly [Kind in DayKind]: DayDocument };

/** A fold that is not current has an earlier state of its day. */
export type StoredDay = DayDocument & { readonly isCurrent: boolean };

/**
 * A counter decides by its own clock, before it commits, whether a day is closed and needs a mark. An hour is longer
 * than the longest invocation and any clock difference. After it, nothing is counted into the day without a mark.
 */
const foldableAfterMs = hourMs;

/** Days that end at or before this instant can be folded. */
export const foldableUntilMs = (nowMs: number): number => floorTo(nowMs - foldableAfterMs, dayMs);

/**
 * Undefined if the fold lacks slots or has expired. One of more slots than the reader knows is as good: another instance may
 * have learned of new slots first.
 */
export const asStored = (day: DayDocument, now: DayState, nowMs: number): StoredDay | undefined =>
  day.state.slots >= now.slots && day.expiresAtMs > nowMs
    ? { ...day, isCurrent: day.state.mark === now.mark }
    : undefined;

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
 * its lane had not folded whole when `foldedTo` was read, before the hours: other hours may not have it yet.
 */
export function foldDay(
  key: DayKey,
  state: DayState,
  foldedTo: FoldedTo,
  hours: readonly VersionedDocument[],
  nowMs: number,
): Fold | undefined {
  if (hours.length === 0) return undefined;
  const ends = new Map(foldedTo.map(({ lane, to }) => [laneKey(lane), to]));
  if (hours.some((hour) => hour.foldedTo > (ends.get(laneKey(hour.key.lane)) ?? ''))) return undefined;
  const merged = new MergedHours();
  const dayHours = new DayHours();
  for (const { key: own, fields } of hours) {
    const wire = hourWireOf(fields);
    if (!wire) continue;
    merged.addWire(wire);
    dayHours.add((own.hourMs - key.dayMs) / hourMs, wire);
  }
  const hoursExpireAtMs = Math.max(...hours.map((hour) => hour.expiresAtMs));
  const fold = {
    key,
    state,
    foldedTo: foldedTo.map(({ to }) => to),
    madeAtMs: nowMs,
    hourBytes: hours.reduce((bytes, hour) => bytes + fieldBytes(hour.fields), 0),
    expiresAtMs: Math.min(hoursExpireAtMs, nowMs + foldLifeMs),
  };
  return {
    day: { ...fold, kind: 'day', fields: fieldsWithin(withoutExcess(merged)) },
    hours: { ...fold, kind: 'hours', fields: dayHours.toFields() },
  };
}

/** Texts that differ do not compress to less than a half of it: more of them are not tried. */
const mostTextBytes = 2 * maxDocumentBytes;
/** More users than a document takes, and more names than a summary shows. */
const mostUsers = 4096;
const mostNames = 1024;

/** Of the thousands that many full hours have, most are left out before they become texts: that takes most of a fold. */
function withoutExcess(merged: MergedHours): HourCounts {
  for (const names of [merged.byType, merged.byService])
    if (names.nameBytes > mostTextBytes) names.keepGreatest(mostNames);
  if (merged.topUsers.idBytes > mostTextBytes) merged.topUsers.reduceTo(mostUsers);
  return merged.toHour();
}

/**
 * Top users are reduced first, because they carry their error. Only if the names alone are too large, the least frequent
 * ones are added to `(other)`. Totals are never cut.
 */
function fieldsWithin(day: HourCounts): DocumentFields {
  const whole = hourToFields(day);
  if (fieldBytes(whole) <= maxDocumentBytes) return whole;
  const othersBytes = fieldBytes(hourToFields({ ...day, topUsers: noTopUsers }));
  const left = { users: day.topUsers.counts.size, bytes: maxDocumentBytes - othersBytes };
  const reduced = hourToFields({ ...day, topUsers: reducedTo(left, day.topUsers) });
  if (fieldBytes(reduced) <= maxDocumentBytes) return reduced;
  return hourToFields({
    ...day,
    byType: namesWithin(maxNamesBytes, day.byType),
    byService: namesWithin(maxNamesBytes, day.byService),
    topUsers: reducedTo(topUsersCapacity, day.topUsers),
  });
}
