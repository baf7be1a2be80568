// What a reader shows of a lane: each document, and the plain receipts past what is folded into it.

import { insertDeltas } from '../documents/delta.ts';
import type { DocumentKey, VersionedDocument } from '../documents/documents.ts';
import { emptyHour, type HourCounts, hourFromFields } from '../documents/hour.ts';
import { addIntake, emptyIntake, type Intake, intakeFromFields } from '../documents/intake.ts';
import { type Position, receivedAtOfPosition } from '../keys.ts';
import { dayMs, floorTo, hourMs } from '../system/time.ts';
import { type Addition, deltasOfHour } from './additions.ts';
import { placeOf } from './receipt.ts';

export type LaneCounts = {
  readonly hours: ReadonlyMap<number, HourCounts>;
  /** By the hour in which records were received. */
  readonly intakes: ReadonlyMap<number, Intake>;
  /** If the tail was cut: what was received later is missing. */
  readonly asOfMs?: number;
};

export type LaneSources = {
  readonly bounds: { readonly fromMs: number; readonly toMs: number };
  readonly documents: readonly VersionedDocument[];
  readonly foldedTo: Position;
  /** By day that is read from its day document instead of its hours: the end of the last run of this lane that is in it. */
  readonly days: ReadonlyMap<number, Position>;
  /** Of plain receipts past `foldedTo`. */
  readonly tail: readonly Addition[];
  /** The last position of a tail that was not read to its end. */
  readonly cutAfter?: Position;
};

export function laneCounts({ bounds, documents, foldedTo, days, tail, cutAfter }: LaneSources): LaneCounts {
  const found = (kind: DocumentKey['kind']) =>
    new Map(documents.filter(({ key }) => key.kind === kind).map((each) => [each.key.hourMs, each]));
  const hourDocuments = found('hour');
  const intakeDocuments = found('intake');
  const isWithin = (hour: number) => hour >= bounds.fromMs && hour < bounds.toMs;
  const isPast = (to: Position | undefined, { receipt }: Addition) =>
    placeOf(receipt) > (to ?? '') && placeOf(receipt) > foldedTo;

  const hours = new Map<number, HourCounts>();
  for (const hour of new Set([
    ...hourDocuments.keys(),
    ...tail.flatMap(({ deltas }) => [...deltas.keys()]),
  ])) {
    if (!isWithin(hour)) continue;
    const document = hourDocuments.get(hour);
    const counts = document ? hourFromFields(document.fields) : emptyHour();
    const to = document?.foldedTo ?? days.get(floorTo(hour, dayMs));
    const past = tail.filter((addition) => isPast(to, addition));
    insertDeltas(counts, deltasOfHour(past, hour));
    hours.set(hour, counts);
  }

  const intakes = new Map([...intakeDocuments].map(([hour, { fields }]) => [hour, intakeFromFields(fields)]));
  for (const addition of tail) {
    const hour = floorTo(addition.receipt.receivedAtMs, hourMs);
    if (isWithin(hour) && isPast(intakeDocuments.get(hour)?.foldedTo, addition))
      intakes.set(hour, addIntake(intakes.get(hour) ?? emptyIntake, addition.intake));
  }

  return {
    hours,
    intakes,
    ...(cutAfter !== undefined && { asOfMs: receivedAtOfPosition(cutAfter) }),
  };
}
