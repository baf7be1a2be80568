// How receipts change documents: in a transaction of their own (direct), or many at once when their run is folded. Pure,
// because after a lost race it runs again on the new documents.

import { type Deltas, deltasFromBytes, type HourDelta, insertDeltas, noDeltas } from '../documents/delta.ts';
import {
  type DayMark,
  type DocumentKey,
  documentName,
  emptyDocument,
  type VersionedDocument,
} from '../documents/documents.ts';
import { emptyHour } from '../documents/hour.ts';
import { hourFromFields, hourToFields } from '../documents/hour-wire.ts';
import { addIntake, type Intake, intakeFromFields, intakeToFields } from '../documents/intake.ts';
import type { Position } from '../keys.ts';
import { dayMs, floorTo, hourMs } from '../system/time.ts';
import { markOfDay } from './day-marks.ts';
import { guardMs, isSlow, type Receipt } from './receipt.ts';

/** A receipt, and what it adds to the documents. */
export type Addition = {
  readonly receipt: Receipt;
  readonly deltas: Deltas;
  readonly intake: Intake;
};

/** `found`: the quarantined receipt that it replaces. Throws if the delta cannot be decoded. */
export function additionOf(receipt: Receipt, found?: Receipt): Addition {
  const { delta, state, accepted, stored, duplicates, conflicts, bytes } = receipt;
  return {
    receipt,
    deltas: delta ? deltasFromBytes(delta) : noDeltas,
    intake: {
      received: found ? 0 : accepted,
      records: found ? 0 : 1,
      bytes: found ? 0 : bytes,
      stored,
      duplicates,
      conflicts,
      quarantined: (state === 'quarantined' ? accepted : 0) - (found?.accepted ?? 0),
      slow: Number(isSlow(receipt)) - (found ? Number(isSlow(found)) : 0),
    },
  };
}

/** Those that can be decoded. A reader leaves out the others, as their run will. */
export const decodable = (receipts: readonly Receipt[]): Addition[] =>
  receipts.flatMap((receipt) => {
    try {
      return [additionOf(receipt)];
    } catch {
      return [];
    }
  });

/** Whether this receipt alone can be added to empty documents. If not, it would stop each run that lists it. */
export function isApplicable(receipt: Receipt): boolean {
  try {
    for (const delta of additionOf(receipt).deltas.values()) insertDeltas(emptyHour(), [delta]);
    return true;
  } catch {
    return false;
  }
}

/** The documents that these additions change, by name. */
export function documentsTouched(additions: readonly Addition[]): Map<string, DocumentKey> {
  const keys = additions.flatMap(({ receipt: { lane, receivedAtMs }, deltas }): DocumentKey[] => [
    { lane, kind: 'intake', hourMs: floorTo(receivedAtMs, hourMs) },
    ...[...deltas.keys()].map((hour): DocumentKey => ({ lane, kind: 'hour', hourMs: hour })),
  ]);
  return new Map(keys.map((key) => [documentName(key), key]));
}

/** The documents after these additions are counted directly. `found`: those that exist. */
export function countInto(
  additions: readonly Addition[],
  found: readonly VersionedDocument[],
): VersionedDocument[] {
  const existing = new Map(found.map((document) => [documentName(document.key), document]));
  return [...documentsTouched(additions)].map(([name, key]) =>
    withAdditions(existing.get(name) ?? emptyDocument(key), additions),
  );
}

/** Undefined if the document has this run already: then nothing of the run may be added again. */
export const foldInto = (
  to: Position,
  additions: readonly Addition[],
  document: VersionedDocument,
): VersionedDocument | undefined =>
  document.foldedTo >= to ? undefined : { ...withAdditions(document, additions), foldedTo: to };

/** Adds what of the additions belongs to this document. */
function withAdditions(before: VersionedDocument, additions: readonly Addition[]): VersionedDocument {
  const { key } = before;
  const touching = additions.filter(({ receipt, deltas }) =>
    key.kind === 'hour' ? deltas.has(key.hourMs) : floorTo(receipt.receivedAtMs, hourMs) === key.hourMs,
  );
  return {
    ...before,
    expiresAtMs: Math.max(before.expiresAtMs, ...touching.map(({ receipt }) => eventsExpireAtMs(receipt))),
    fields: key.kind === 'intake' ? addToIntake(before, touching) : addToHour(before, touching),
  };
}

const addToIntake = ({ fields }: VersionedDocument, additions: readonly Addition[]) =>
  intakeToFields(additions.map(({ intake }) => intake).reduce(addIntake, intakeFromFields(fields)));

function addToHour({ key, fields }: VersionedDocument, additions: readonly Addition[]) {
  const hour = hourFromFields(fields);
  insertDeltas(hour, deltasOfHour(additions, key.hourMs));
  return hourToFields(hour);
}

export const deltasOfHour = (additions: readonly Addition[], hour: number): HourDelta[] =>
  additions.flatMap(({ deltas }) => {
    const delta = deltas.get(hour);
    return delta ? [delta] : [];
  });

const eventsExpireAtMs = ({ expiresAtMs }: Receipt): number => expiresAtMs - guardMs;

/** The marks of the closed days among these documents. To be written in one transaction with them. */
export function marksOf(
  documents: readonly VersionedDocument[],
  additions: readonly Addition[],
  nowMs: number,
): DayMark[] {
  const longestMs = Math.max(
    ...additions.map(({ receipt }) => eventsExpireAtMs(receipt) - receipt.receivedAtMs),
  );
  const days = new Set(
    documents.filter(({ key }) => key.kind === 'hour').map(({ key }) => floorTo(key.hourMs, dayMs)),
  );
  const [tenant] = documents.map(({ key }) => key.lane.tenant);
  if (!tenant) return [];
  return [...days].filter((day) => day + dayMs <= nowMs).map((day) => markOfDay(tenant, day, longestMs));
}
