// The counts of a window, to which documents and deltas are added as they arrive. It leaves out values and minutes, which a
// summary does not show. It is bounded, however much is added.

import type { HourSink } from '../counting/lane-counts.ts';
import type { HourDelta } from '../documents/delta.ts';
import { type DocumentFields, fieldBytes } from '../documents/documents.ts';
import { MergedHours } from '../documents/merged-hours.ts';
import { dayMs, floorTo } from '../system/time.ts';

export class WindowCounts implements HourSink {
  readonly merged = new MergedHours();
  /** By day: how large the hour documents are that were added. */
  readonly bytesOfDays = new Map<number, number>();

  addDocument(hourMs: number, fields: DocumentFields): void {
    const day = floorTo(hourMs, dayMs);
    this.bytesOfDays.set(day, (this.bytesOfDays.get(day) ?? 0) + fieldBytes(fields));
    this.merged.addCounts(fields);
  }

  addDay(fields: DocumentFields): void {
    this.merged.addCounts(fields);
  }

  addDelta(_hourMs: number, delta: HourDelta): void {
    this.merged.addDelta(delta);
  }
}
