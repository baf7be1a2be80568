// Documents of counts, by lane. An hour document holds the counts of one hour of event time, for summaries. An intake
// document holds what one hour received, for the ledger balance. A version protects each against concurrent writers.

import type { DocumentFields } from '../documents/documents.ts';
import { documentSortKey, type Lane, laneKey, type Position } from '../keys.ts';

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
