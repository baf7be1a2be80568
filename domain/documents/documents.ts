// Aggregates are mergeable documents: one an hour of event time with the counts that summaries show, and one
// an hour of receipt (intake) that the ledger and quotas read. A version guards each against a second writer.
// Folds of days, which are made from them and may be lost, are in documents/day.ts.

import { documentSortKey, slotKey, type Tenant } from '../keys.ts';

export type DocumentKey = {
  readonly tenant: Tenant;
  readonly slot: number;
  readonly kind: 'hour' | 'intake';
  readonly hourMs: number;
};

export const documentPartition = (key: DocumentKey): string => slotKey(key.tenant, key.slot);
export const documentSort = (key: DocumentKey): string => documentSortKey(key.kind, key.hourMs);
export const documentName = (key: DocumentKey): string => `${documentPartition(key)}#${documentSort(key)}`;

/** Version 0 is a document that does not exist yet. */
export type VersionedDocument = {
  readonly key: DocumentKey;
  readonly version: number;
  readonly expiresAtMs: number;
  readonly fields: DocumentFields;
};
/** A closed day of an account into which something was counted late: folds made before the mark moved are stale. */
export type DayMark = { readonly tenant: Tenant; readonly dayMs: number; readonly expiresAtMs: number };

export type DocumentFields = Readonly<Record<string, number | Uint8Array>>;

/** As a table weighs them: names and values; a number is at most 21 bytes. */
export function fieldBytes(fields: DocumentFields): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(fields)) {
    bytes += Buffer.byteLength(name) + (typeof value === 'number' ? 21 : value.length);
  }
  return bytes;
}
