import { expect, it } from 'vitest';
import { deltasOf, insertDeltas } from '../../../../domain/documents/delta.ts';
import { emptyHour } from '../../../../domain/documents/hour.ts';
import { hourToFields } from '../../../../domain/documents/hour-wire.ts';
import { WindowCounts } from '../../../../domain/reading/window-counts.ts';
import { dayMs, floorTo, hourMs } from '../../../../domain/system/time.ts';
import { event, nowMs } from '../../../support/events.ts';

it('has what documents, days and deltas have, and knows how large the hour documents of each day are', () => {
  const hour = emptyHour();
  insertDeltas(hour, deltasOf([event()]).values());
  const fields = hourToFields(hour);
  const counts = new WindowCounts();
  const day = floorTo(nowMs, dayMs);

  for (const at of [day, day + 23 * hourMs, day - hourMs]) counts.addDocument(at, fields);
  counts.addDay(day - 2 * dayMs, fields);
  for (const delta of deltasOf([event(), event()]).values()) counts.addDelta(nowMs, delta);

  expect(counts.merged.total).toBe(6);
  const [today = 0, yesterday = 0] = [day, day - dayMs].map((each) => counts.bytesOfDays.get(each));
  expect(yesterday).toBeGreaterThan(30);
  expect(today).toBe(2 * yesterday);
  expect(counts.bytesOfDays.size).toBe(2);
});
