// What became of one stream record: its new events and how many of the others were seen before. From it come
// the receipt, and the change that counting makes to the documents it touches.

import {
  addIntake,
  type DocumentKey,
  documentName,
  emptyHour,
  emptyIntake,
  hourFromFields,
  hourToFields,
  insertEvents,
  intakeFromFields,
  intakeToFields,
  type VersionedDocument,
} from './documents.ts';
import type { EnvelopeHeader } from './envelope.ts';
import type { AcceptedEvent } from './event.ts';
import { type Receipt, type RecordId, recordId } from './receipt.ts';
import { dayMs, floorTo, hourMs } from './time.ts';

export type StoredRecord = {
  readonly header: EnvelopeHeader;
  /** The events that this record brought first. */
  readonly fresh: readonly AcceptedEvent[];
  readonly duplicates: number;
  readonly conflicts: number;
  /** Of the record on the stream. */
  readonly bytes: number;
};

/** Receipts and identities outlive events, so that the late end of one cannot be counted again. */
export const guardMs = 7 * dayMs;

export const recordIdOf = ({ batchId, part }: EnvelopeHeader): RecordId => recordId(batchId, part);
export const eventsExpireAtMs = (header: EnvelopeHeader): number =>
  header.receivedAtMs + header.retentionDays * dayMs;
export const guardsExpireAtMs = (header: EnvelopeHeader): number => eventsExpireAtMs(header) + guardMs;

export function receiptOf({ header, fresh, duplicates, conflicts }: StoredRecord, nowMs: number): Receipt {
  return {
    tenant: header.tenant,
    record: recordIdOf(header),
    state: 'counted',
    accepted: header.events,
    stored: fresh.length,
    duplicates,
    conflicts,
    receivedAtMs: header.receivedAtMs,
    storedAtMs: nowMs,
    expiresAtMs: guardsExpireAtMs(header),
  };
}

const intakeKey = ({ tenant, slot, receivedAtMs }: EnvelopeHeader): DocumentKey => ({
  tenant,
  slot,
  kind: 'intake',
  hourMs: floorTo(receivedAtMs, hourMs),
});

/** The documents that counting this record changes, by name. */
function documentsOf({ header, fresh }: StoredRecord): Map<string, DocumentKey> {
  const { tenant, slot } = header;
  const hours = new Set(fresh.map((event) => floorTo(event.timestamp, hourMs)));
  const keys = [...hours].map((hour): DocumentKey => ({ tenant, slot, kind: 'hour', hourMs: hour }));
  return new Map([intakeKey(header), ...keys].map((key) => [documentName(key), key]));
}

/** The documents that counting these records changes, each once. */
export const documentsTouched = (records: readonly StoredRecord[]): Map<string, DocumentKey> =>
  new Map(records.flatMap((record) => [...documentsOf(record)]));

/** The documents as they are after these records: pure, so that a lost race is run again on what is there then. */
export function countRecords(
  records: readonly StoredRecord[],
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

function countIntake(before: VersionedDocument, records: readonly StoredRecord[]) {
  const sum = records.reduce(
    (intake, { header, fresh, duplicates, conflicts, bytes }) =>
      addIntake(intake, {
        ...emptyIntake,
        received: header.events,
        stored: fresh.length,
        duplicates,
        conflicts,
        bytes,
      }),
    intakeFromFields(before.fields),
  );
  return intakeToFields(sum);
}

function countHour(before: VersionedDocument, records: readonly StoredRecord[]) {
  const hour = before.version === 0 ? emptyHour() : hourFromFields(before.fields);
  for (const { fresh } of records) {
    insertEvents(
      hour,
      fresh.filter((event) => floorTo(event.timestamp, hourMs) === before.key.hourMs),
    );
  }
  return hourToFields(hour);
}

/** A transaction holds 100 actions and 4 MB; a document is at most 64 KB. */
const maxActions = 100;
const maxDocuments = 48;

/** Folds of records of one slot, each small enough to be counted in one transaction. */
export function foldRecords(records: readonly StoredRecord[]): StoredRecord[][] {
  const bySlot = Map.groupBy(records, ({ header: { tenant, slot } }) =>
    [tenant.account, tenant.environment, slot].join('#'),
  );
  return [...bySlot.values()].flatMap(cutFolds);
}

function cutFolds(records: readonly StoredRecord[]): StoredRecord[][] {
  const folds: StoredRecord[][] = [];
  let fold: StoredRecord[] = [];
  let names = new Set<string>();
  for (const record of records) {
    const own = documentsOf(record);
    const together = names.union(own);
    const fits = together.size <= maxDocuments && together.size + fold.length + 1 <= maxActions;
    if (fold.length > 0 && !fits) {
      folds.push(fold);
      fold = [];
      names = new Set(own.keys());
    } else {
      names = together;
    }
    fold.push(record);
  }
  if (fold.length > 0) folds.push(fold);
  return folds;
}
