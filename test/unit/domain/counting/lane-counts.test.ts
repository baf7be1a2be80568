import { expect, it } from 'vitest';
import { additionOf, countInto } from '../../../../domain/counting/additions.ts';
import { type EndsOfDays, type LaneBounds, LaneCounts } from '../../../../domain/counting/lane-counts.ts';
import { placeOf, type Receipt } from '../../../../domain/counting/receipt.ts';
import type { VersionedDocument } from '../../../../domain/documents/documents.ts';
import { dayMs, floorTo, hourMs } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';
import { laneReceipt } from '../../../support/lanes.ts';
import { HoursRead } from '../../../support/read-hours.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const eventHour = floorTo(nowMs - 2 * hourMs, hourMs);
const first = laneReceipt('a');
const second = laneReceipt('b');
type Sources = LaneBounds & { readonly documents: readonly VersionedDocument[]; readonly days: EndsOfDays };
const counts = (receipts: readonly Receipt[], some: Partial<Sources> = {}) => {
  const { documents, days, ...bounds } = {
    ...{ bounds: everything, foldedTo: '', documents: [], days: new Map() },
    ...some,
  };
  const read = new HoursRead();
  const counted = new LaneCounts(bounds, read);
  for (const document of documents) counted.addDocument(document);
  for (const receipt of receipts) counted.addReceipt(additionOf(receipt), days);
  return { hours: read.hours, intakes: counted.intakes };
};
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

it('a day that is read from its day document has the receipts up to where it was folded in this lane', () => {
  const day = floorTo(eventHour, dayMs);

  expect(totals(counts([first, second], { days: new Map([[day, placeOf(first)]]) }))).toEqual([1, 2]);
  expect(totals(counts([first, second], { days: new Map([[day, placeOf(second)]]) }))).toEqual([
    undefined,
    2,
  ]);
  expect(totals(counts([first, second], { days: new Map([[day - dayMs, placeOf(second)]]) }))).toEqual([
    2, 2,
  ]);
});

it('a day whose fold is older than the last folded run has the receipts up to that run', () => {
  const days = new Map([[floorTo(eventHour, dayMs), '']]);

  expect(totals(counts([first, second], { days, foldedTo: placeOf(first) }))).toEqual([1, 1]);
});

it('only the hours within the bounds are counted', () => {
  const bounds = { fromMs: eventHour, toMs: eventHour + hourMs };

  expect([...counts([first], { bounds }).hours.keys()]).toEqual([eventHour]);
  expect(counts([first], { bounds }).intakes.size).toBe(0);
  expect(counts([first], { bounds: { ...bounds, fromMs: eventHour + 1 } }).hours.size).toBe(0);
});
