// Documents of counts, by lane. An hour document holds the counts of one hour of event time, for summaries. An intake
// document holds what one hour received, for the ledger balance. A version protects each against concurrent writers. Day
// documents are folded from hour documents, in day.ts.

import { documentSortKey, type Lane, laneKey, type Position, type Tenant } from '../keys.ts';
import { dayMs } from '../system/time.ts';

export type DocumentKey = {
  readonly lane: Lane;
  readonly kind: 'hour' | 'intake';
  readonly hourMs: number;
};

export const documentPartition = ({ lane }: DocumentKey): string => laneKey(lane);
export const documentSort = ({ kind, hourMs }: DocumentKey): string => documentSortKey(kind, hourMs);
export const documentName = (key: DocumentKey): string => `${documentPartition(key)}#${documentSort(key)}`;

export type VersionedDocument = {
  readonly key: DocumentKey;
  /** 0: the document does not exist yet. */
  readonly version: number;
  readonly expiresAtMs: number;
  /** The end of the last run that is in it. Empty if none is. */
  readonly foldedTo: Position;
  readonly fields: DocumentFields;
};

export const emptyDocument = (key: DocumentKey): VersionedDocument => ({
  key,
  version: 0,
  expiresAtMs: 0,
  foldedTo: '',
  fields: {},
});

/** As long as a window reaches back, so that a day is folded once unless something is counted into it. */
export const foldLifeMs = 35 * dayMs;

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
