// Documents of counts. An hour document holds the counts of one hour of event time, for summaries. An intake document
// holds what one hour received, for the ledger balance. A version protects each against concurrent writers. Day
// documents are folded from hour documents, in day.ts.

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

/** Version 0: the document does not exist yet. */
export type VersionedDocument = {
  readonly key: DocumentKey;
  readonly version: number;
  readonly expiresAtMs: number;
  readonly fields: DocumentFields;
};

/** Raises the mark of a closed day into which something was counted: folds made before are then stale. */
export type DayMark = { readonly tenant: Tenant; readonly dayMs: number; readonly expiresAtMs: number };

export type DocumentFields = Readonly<Record<string, number | Uint8Array>>;

/** As DynamoDB measures an item: names and values. A number takes at most 21 bytes. */
export function fieldBytes(fields: DocumentFields): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(fields)) {
    bytes += Buffer.byteLength(name) + (typeof value === 'number' ? 21 : value.length);
  }
  return bytes;
}
