import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  additionOf,
  countInto,
  foldInto,
  isApplicable,
  marksOf,
} from '../../../../domain/counting/additions.ts';
import { guardMs, placeOf, type Receipt } from '../../../../domain/counting/receipt.ts';
import { deltasOf, deltasToBytes } from '../../../../domain/documents/delta.ts';
import {
  documentName,
  emptyDocument,
  type VersionedDocument,
} from '../../../../domain/documents/documents.ts';
import { hourFromFields } from '../../../../domain/documents/hour-wire.ts';
import { intakeFromFields } from '../../../../domain/documents/intake.ts';
import { dayMs, floorTo, hourMs } from '../../../../domain/system/time.ts';
import { anyEvents, nowMs } from '../../../support/events.ts';
import { lane, laneReceipt } from '../../../support/lanes.ts';

const additionsOf = (receipts: readonly Receipt[]) => receipts.map((receipt) => additionOf(receipt));
const broken = laneReceipt('x', { delta: new Uint8Array([1, 2, 3]) });

const anyReceipts = fc.array(anyEvents(5), { minLength: 1, maxLength: 5 }).map((lists) =>
  lists.map((events, index) =>
    laneReceipt(`r${index}`, {
      receivedAtMs: nowMs + index * hourMs,
      delta: deltasToBytes(deltasOf(events)),
      accepted: events.length + 1,
      stored: events.length,
      duplicates: 1,
    }),
  ),
);
/** Without versions and what says how far it is folded. */
const contents = (documents: readonly VersionedDocument[]) =>
  documents
    .map(({ key, expiresAtMs, fields }) => ({
      name: documentName(key),
      expiresAtMs,
      counts: key.kind === 'hour' ? hourFromFields(fields) : intakeFromFields(fields),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

it('receipts counted one by one, together or in a run make the same documents', () => {
  fc.assert(
    fc.property(anyReceipts, (receipts) => {
      const additions = additionsOf(receipts);
      const together = countInto(additions, []);
      const oneByOne = new Map<string, VersionedDocument>();
      for (const addition of additions)
        for (const document of countInto([addition], [...oneByOne.values()]))
          oneByOne.set(documentName(document.key), document);
      const folded = together.map(({ key }) => foldInto('9', additions, emptyDocument(key)));

      expect(contents([...oneByOne.values()])).toEqual(contents(together));
      expect(contents(folded.flatMap((document) => document ?? []))).toEqual(contents(together));
    }),
  );
});

describe('a run is folded into a document', () => {
  const receipt = laneReceipt('a');
  const [document = emptyDocument({ lane, kind: 'hour', hourMs: 0 })] = countInto(additionsOf([receipt]), []);

  it('only once', () => {
    const folded = foldInto('5', additionsOf([receipt]), document);

    expect(folded?.foldedTo).toBe('5');
    expect(foldInto('5', additionsOf([receipt]), folded ?? document)).toBeUndefined();
    expect(foldInto('4', additionsOf([receipt]), folded ?? document)).toBeUndefined();
    expect(foldInto('6', additionsOf([receipt]), folded ?? document)?.foldedTo).toBe('6');
  });

  it('and the document lives as long as the events that live longest', () => {
    const longer = laneReceipt('b', { expiresAtMs: nowMs + 90 * dayMs + guardMs });

    expect(foldInto('5', additionsOf([longer]), document)?.expiresAtMs).toBe(nowMs + 90 * dayMs);
    expect(document.expiresAtMs).toBe(nowMs + 30 * dayMs);
  });
});

describe('the intake', () => {
  const quarantined = laneReceipt('a', { state: 'quarantined', mode: 'direct', stored: 0, accepted: 4 });
  const counted = laneReceipt('a', { accepted: 4, stored: 3, duplicates: 1 });

  it('has a quarantined record as received, and not as stored', () => {
    expect(additionOf(quarantined).intake).toMatchObject({
      received: 4,
      bytes: 100,
      stored: 0,
      quarantined: 4,
    });
  });

  it('has a record that leaves quarantine as received once', () => {
    expect(additionOf(counted, quarantined).intake).toEqual({
      received: 0,
      records: 0,
      bytes: 0,
      stored: 3,
      duplicates: 1,
      conflicts: 0,
      quarantined: -4,
      slow: -1,
    });
  });

  it('has a record as slow that was stored after 5 seconds, or not at all', () => {
    const slowOf = (...of: Parameters<typeof additionOf>) => additionOf(...of).intake.slow;
    const storedAfter = (ms: number) => ({ ...counted, storedAtMs: counted.receivedAtMs + ms });

    expect([storedAfter(-1), storedAfter(5000), storedAfter(5001)].map((each) => slowOf(each))).toEqual([
      0, 0, 1,
    ]);
    expect(slowOf(quarantined)).toBe(1);
    // It was counted as slow when it went into quarantine.
    expect(slowOf(storedAfter(5001), quarantined)).toBe(0);
    expect(slowOf(storedAfter(10), quarantined)).toBe(-1);
  });
});

describe('marks', () => {
  const day = floorTo(nowMs, dayMs);
  const documents = countInto(
    additionsOf([laneReceipt('a'), laneReceipt('b', { receivedAtMs: day + hourMs })]),
    [],
  );

  it('are raised for closed days only', () => {
    expect(marksOf(documents, additionsOf([laneReceipt('a')]), nowMs).map(({ dayMs }) => dayMs)).toEqual([
      day - dayMs,
    ]);
    expect(marksOf(documents, additionsOf([laneReceipt('a')]), day + dayMs)).toHaveLength(2);
    expect(marksOf(documents, additionsOf([laneReceipt('a')]), day - 1)).toEqual([]);
  });

  it('are not raised by intake documents', () => {
    const intakes = documents.filter(({ key }) => key.kind === 'intake');

    expect(marksOf(intakes, additionsOf([laneReceipt('a')]), day + 9 * dayMs)).toEqual([]);
  });

  it('outlive the longest retention', () => {
    const kept = laneReceipt('a', { expiresAtMs: nowMs + 1000 * dayMs + guardMs });
    const [mark] = marksOf(documents, additionsOf([laneReceipt('b'), kept]), nowMs);

    expect(mark?.expiresAtMs).toBe(day - dayMs + 1073 * dayMs);
  });
});

it('a receipt is applicable if its delta can be read', () => {
  expect(isApplicable(laneReceipt('a'))).toBe(true);
  expect(isApplicable(broken)).toBe(false);
  expect(placeOf(broken)).toBe(`${nowMs}#x.0`);
});
