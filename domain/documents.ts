// Aggregates are mergeable documents: one an hour of event time with the counts that summaries show, and one
// an hour of receipt (intake) that the ledger and quotas read. A version guards each against a second writer.

import { documentSortKey, slotKey, type Tenant } from './keys.ts';

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
export type DocumentFields = Readonly<Record<string, number | Uint8Array>>;
