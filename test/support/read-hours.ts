// All that a lane has counted, hour by hour.

import type { HourSink } from '../../domain/counting/lane-counts.ts';
import { insertDeltas } from '../../domain/documents/delta.ts';
import { emptyHour, type HourCounts } from '../../domain/documents/hour.ts';
import { hourFromFields } from '../../domain/documents/hour-wire.ts';
import type { Lane } from '../../domain/keys.ts';
import {
  type Bounds,
  foldedToOf,
  type LaneRead,
  LaneReader,
  type ReadLaneDeps,
} from '../../lambdas/counting/read-lane.ts';

export class HoursRead implements HourSink {
  readonly hours = new Map<number, HourCounts>();

  addDocument(hourMs: number, fields: Parameters<typeof hourFromFields>[0]): void {
    this.hours.set(hourMs, hourFromFields(fields));
  }

  addDelta(hourMs: number, delta: Parameters<HourSink['addDelta']>[1]): void {
    const hour = this.hours.get(hourMs) ?? emptyHour();
    insertDeltas(hour, [delta]);
    this.hours.set(hourMs, hour);
  }
}

export type HoursOfLane = LaneRead & Pick<HoursRead, 'hours'>;

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

export async function readHoursOf(
  deps: ReadLaneDeps,
  lane: Lane,
  bounds: Bounds = everything,
): Promise<HoursOfLane> {
  const read = new HoursRead();
  const reader = new LaneReader(deps, { lane, foldedTo: await foldedToOf(deps, lane), bounds }, read);
  await reader.readHours(bounds);
  return { ...(await reader.finish(new Map())), hours: read.hours };
}
