import { expect, it } from 'vitest';
import { deltasOf, insertDeltas } from '../../../../domain/documents/delta.ts';
import { emptyHour } from '../../../../domain/documents/hour.ts';
import { hourToFields } from '../../../../domain/documents/hour-wire.ts';
import { pointsOf } from '../../../../domain/reading/points.ts';
import { seriesOf } from '../../../../domain/reading/series.ts';
import { SeriesCounts } from '../../../../domain/reading/series-counts.ts';
import { floorTo, hourMs } from '../../../../domain/system/time.ts';
import { event, nowMs } from '../../../support/events.ts';
import { lane } from '../../../support/lanes.ts';

it('holds a bounded number of names, however many there are, and still adds up', () => {
  const points = pointsOf('hour', { fromMs: nowMs - 2 * hourMs, toMs: nowMs });
  const counts = new SeriesCounts(points, 'type');
  for (let document = 0; document < 30; document += 1) {
    const hour = emptyHour();
    const list = Array.from({ length: 200 }, (_, index) =>
      event({ type: index < 10 ? 'often' : `${document}-${index}` }),
    );
    insertDeltas(hour, deltasOf(list).values());
    counts.addDocument(floorTo(nowMs, hourMs) - hourMs, hourToFields(hour));
    expect(counts.namesAt(1).size).toBeLessThanOrEqual(2 * 256 + 200);
  }

  const { total, groups = [] } = seriesOf(lane.tenant, points, { counts, grouping: 'type', asOfMs: nowMs });

  expect(groups[0]).toEqual({ type: 'often', count: 300, counts: [0, 300, 0] });
  expect(groups.length).toBeLessThanOrEqual(21);
  expect([total, groups.reduce((sum, { count }) => sum + count, 0)]).toEqual([6000, 6000]);
});

it('leaves out what is in its hours and not in its points', () => {
  const minute = 60_000;
  const counts = new SeriesCounts(pointsOf('minute', { fromMs: nowMs, toMs: nowMs + minute }));
  const list = [nowMs - 1, nowMs, nowMs + minute - 1, nowMs + minute].map((timestamp) =>
    event({ timestamp }),
  );

  for (const [hour, delta] of deltasOf(list)) counts.addDelta(hour, delta);

  expect([...counts.counts]).toEqual([2]);
});
