// Reads and stores the folds of closed days.

import type { Tenant } from '../keys.ts';
import type { DayDocument, DayKey, DayKind, StoredDay } from './day.ts';
import type { VersionedDocument } from './documents.ts';

/** The hours of a day that exist, and the day's mark, all read at one instant. */
export type MarkedHours = { readonly mark: number; readonly hours: readonly VersionedDocument[] };

/** Folds of days. Each can be made again from its hours. */
export type Days = {
  /** Those of the days that begin in [fromMs, toMs), of all slots and not expired. */
  stored(
    kind: DayKind,
    tenant: Tenant,
    slots: number,
    fromMs: number,
    toMs: number,
    nowMs: number,
  ): Promise<readonly StoredDay[]>;
  /** Undefined if the hours kept changing while they were read. */
  hours(day: DayKey, slots: number): Promise<MarkedHours | undefined>;
  /** Stored unless there is one of its kind with a later mark, or of more slots. */
  store(day: DayDocument): Promise<void>;
};
