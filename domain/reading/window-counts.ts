// The counts of a window, to which documents and deltas are added as they arrive. It leaves out minutes, which a summary does
// not show. It is bounded, however much is added.

import type { HourSink } from '../counting/lane-counts.ts';
import type { HourDelta } from '../documents/delta.ts';
import { type DocumentFields, fieldBytes } from '../documents/documents.ts';
import { MergedHours } from '../documents/merged-hours.ts';
import { dayMs, floorTo } from '../system/time.ts';

export class WindowCounts implements HourSink {
  readonly takes = 'day';
  readonly merged = new MergedHours();
  /** By day: how large the hour documents are that were added. */
  readonly bytesOfDays = new Map<number, number>();

  addDocument(hourMs: number, fields: DocumentFields): void {
    const day = floorTo(hourMs, dayMs);
    this.bytesOfDays.set(day, (this.bytesOfDays.get(day) ?? 0) + fieldBytes(fields));
    this.merged.add(fields);
  }

  addDay(_dayMs: number, fields: DocumentFields): void {
    this.merged.add(fields);
  }

  addDelta(_hourMs: number, delta: HourDelta): void {
    this.merged.addDelta(delta);
  }
}
