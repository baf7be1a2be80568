import { expect, it } from 'vitest';
import { additionOf, countInto } from '../../../../domain/counting/additions.ts';
import { type LaneSources, laneCounts } from '../../../../domain/counting/lane-counts.ts';
import { type LaneReceipt, placeOf } from '../../../../domain/counting/receipt.ts';
import { floorTo, hourMs } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';
import { laneReceipt } from '../../../support/lanes.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const eventHour = floorTo(nowMs - 2 * hourMs, hourMs);
const first = laneReceipt('a');
const second = laneReceipt('b');
const counts = (receipts: readonly LaneReceipt[], sources: Partial<LaneSources> = {}) =>
  laneCounts({
    bounds: everything,
    documents: [],
    foldedTo: '',
    tail: receipts.map((receipt) => additionOf(receipt)),
    ...sources,
  });
const documentsOf = (foldedTo: string) =>
  countInto([additionOf(first)], []).map((document) => ({ ...document, version: 1, foldedTo }));
const totals = ({ hours, intakes }: ReturnType<typeof counts>) => [
  hours.get(eventHour)?.total.count,
  intakes.get(floorTo(nowMs, hourMs))?.stored,
];

it('a tail counts where there is no document yet', () => {
  expect(totals(counts([first, second]))).toEqual([2, 2]);
});

it('a document has the receipts up to where it is folded, whatever run was read', () => {
  const documents = documentsOf(placeOf(first));

  expect(totals(counts([first, second], { documents }))).toEqual([2, 2]);
});

it('a document that no later run has touched has the receipts up to the last folded run', () => {
  const documents = documentsOf('');

  expect(totals(counts([first, second], { documents, foldedTo: placeOf(first) }))).toEqual([2, 2]);
});

it('hours that are ahead of the last folded run are named', () => {
  const documents = documentsOf(placeOf(first));

  expect(counts([], { documents }).hoursAhead).toEqual([eventHour]);
  expect(counts([], { documents, foldedTo: placeOf(first) }).hoursAhead).toEqual([]);
});

it('only the hours within the bounds are counted', () => {
  const bounds = { fromMs: eventHour, toMs: eventHour + hourMs };

  expect([...counts([first], { bounds }).hours.keys()]).toEqual([eventHour]);
  expect(counts([first], { bounds }).intakes.size).toBe(0);
  expect(counts([first], { bounds: { ...bounds, fromMs: eventHour + 1 } }).hours.size).toBe(0);
});

it('a tail that was cut says how far it goes', () => {
  expect(counts([first], { cutAfter: placeOf(first) }).asOfMs).toBe(nowMs);
  expect(counts([first])).not.toHaveProperty('asOfMs');
});
