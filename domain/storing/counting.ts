// What counting changes: the documents that records touch, and the marks of closed days. Also decides which records are
// counted together in one transaction.

import { markOfDay } from '../counting/day-marks.ts';
import { insertDeltas } from '../documents/delta.ts';
import {
  type DayMark,
  type DocumentKey,
  documentName,
  type VersionedDocument,
} from '../documents/documents.ts';
import { emptyHour, hourFromFields, hourToFields } from '../documents/hour.ts';
import { addIntake, type Intake, intakeFromFields, intakeToFields } from '../documents/intake.ts';
import { slotKey, tenantKey } from '../keys.ts';
import type { EnvelopeHeader } from '../record/envelope.ts';
import { dayMs, floorTo, hourMs } from '../system/time.ts';
import { eventsExpireAtMs, type RecordOutcome } from './record-outcome.ts';

const intakeKey = ({ tenant, slot, receivedAtMs }: EnvelopeHeader): DocumentKey => ({
  tenant,
  slot,
  kind: 'intake',
  hourMs: floorTo(receivedAtMs, hourMs),
});

/** The documents that counting this record changes, by name. */
function documentsOf({ header, deltas }: RecordOutcome): Map<string, DocumentKey> {
  const { tenant, slot } = header;
  const keys = [...deltas.keys()].map((hour): DocumentKey => ({ tenant, slot, kind: 'hour', hourMs: hour }));
  return new Map([intakeKey(header), ...keys].map((key) => [documentName(key), key]));
}

/** The documents that counting these records changes, each once. */
export const documentsTouched = (records: readonly RecordOutcome[]): Map<string, DocumentKey> =>
  new Map(records.flatMap((record) => [...documentsOf(record)]));

/**
 * The documents after these records are counted. A pure function: after a lost race it runs again on the new
 * documents.
 */
export function countRecords(
  records: readonly RecordOutcome[],
  found: readonly VersionedDocument[],
): VersionedDocument[] {
  const existing = new Map(found.map((document) => [documentName(document.key), document]));
  const changes = records.map((record) => ({ record, documents: documentsOf(record) }));
  return [...documentsTouched(records)].map(([name, key]) => {
    const before = existing.get(name) ?? { key, version: 0, expiresAtMs: 0, fields: {} };
    const touching = changes.filter(({ documents }) => documents.has(name)).map(({ record }) => record);
    return {
      ...before,
      expiresAtMs: Math.max(before.expiresAtMs, ...touching.map(({ header }) => eventsExpireAtMs(header))),
      fields: key.kind === 'intake' ? countIntake(before, touching) : countHour(before, touching),
    };
  });
}

function countIntake(before: VersionedDocument, records: readonly RecordOutcome[]) {
  return intakeToFields(records.map(intakeOf).reduce(addIntake, intakeFromFields(before.fields)));
}

/** A record that leaves quarantine was already counted as received, with its bytes, when it was quarantined. */
function intakeOf({
  header,
  stored,
  duplicates,
  conflicts,
  bytes,
  found,
  quarantined,
}: RecordOutcome): Intake {
  const wasQuarantined = found?.state === 'quarantined';
  return {
    received: wasQuarantined ? 0 : header.events,
    bytes: wasQuarantined ? 0 : bytes,
    stored,
    duplicates,
    conflicts,
    quarantined: (quarantined ? header.events : 0) - (found?.accepted ?? 0),
  };
}

function countHour(before: VersionedDocument, records: readonly RecordOutcome[]) {
  const hour = before.version === 0 ? emptyHour() : hourFromFields(before.fields);
  insertDeltas(
    hour,
    records.flatMap(({ deltas }) => deltas.get(before.key.hourMs) ?? []),
  );
  return hourToFields(hour);
}

/** Marks the days that were closed when these records were counted into them. */
export function marksOf(records: readonly RecordOutcome[], nowMs: number): DayMark[] {
  const marks = new Map<string, DayMark>();
  for (const { header, deltas } of records) {
    for (const hour of deltas.keys()) {
      const day = floorTo(hour, dayMs);
      if (day + dayMs > nowMs) continue;
      const name = `${tenantKey(header.tenant)}#${day}`;
      const mark = markOfDay(header.tenant, day, header.retentionDays * dayMs);
      const expiresAtMs = Math.max(mark.expiresAtMs, marks.get(name)?.expiresAtMs ?? 0);
      marks.set(name, { ...mark, expiresAtMs });
    }
  }
  return [...marks.values()];
}

/** A transaction takes 100 actions and 4 MB. A document is at most 64 KB. */
const maxActions = 100;
const maxDocuments = 48;

/** Folds: records of one slot that fit into one transaction. */
export function foldRecords(records: readonly RecordOutcome[]): RecordOutcome[][] {
  const bySlot = Map.groupBy(records, ({ header: { tenant, slot } }) => slotKey(tenant, slot));
  return [...bySlot.values()].flatMap(cutFolds);
}

function cutFolds(records: readonly RecordOutcome[]): RecordOutcome[][] {
  const folds: RecordOutcome[][] = [];
  let fold: RecordOutcome[] = [];
  let names = new Set<string>();
  let receiptActions = 0;
  for (const record of records) {
    const own = touchedBy(record);
    const ownActions = changeActions(record);
    const together = names.union(own);
    const fits = together.size <= maxDocuments && together.size + receiptActions + ownActions <= maxActions;
    if (fold.length > 0 && !fits) {
      folds.push(fold);
      fold = [];
      names = own;
      receiptActions = 0;
    } else {
      names = together;
    }
    fold.push(record);
    receiptActions += ownActions;
  }
  if (fold.length > 0) folds.push(fold);
  return folds;
}

/** Documents and marks. Any day that a record touches may be closed, and need a mark, by the time of the commit. */
function touchedBy(record: RecordOutcome): Set<string> {
  const days = [...record.deltas.keys()].map((hour) => `mark#${floorTo(hour, dayMs)}`);
  return new Set([...documentsOf(record).keys(), ...days]);
}

/** The actions of one record: its receipt, its quarantine entry (added or removed) and its job. */
const changeActions = ({ found, quarantined }: RecordOutcome): number =>
  1 + (found ? 1 : 0) + (quarantined ? 2 : 0);
