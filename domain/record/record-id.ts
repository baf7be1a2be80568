// The id of a stream record is `seed.part`, made by ingest (R1): the beginning of its batch id, and its place in the
// batch. Two copies on the stream with one id are one record.

import { type Lane, type Tenant, tenantKey } from '../keys.ts';
import { seedOfBatchId } from './batch-id.ts';
import type { EnvelopeHeader } from './envelope.ts';

export type RecordId = `${string}.${number}`;

export const recordId = (batchId: string, part: number): RecordId => `${seedOfBatchId(batchId)}.${part}`;
export const recordIdOf = ({ batchId, part }: Pick<EnvelopeHeader, 'batchId' | 'part'>): RecordId =>
  recordId(batchId, part);

/** From the text `BATCH.PART`, where a whole batch id names its records, too. Undefined if it is none. */
export function readRecordId(text: string): RecordId | undefined {
  const [, batchId = '', part] = /^([A-Za-z0-9_-]+)\.(0|[1-9]\d*)$/.exec(text) ?? [];
  return part === undefined ? undefined : recordId(batchId, Number(part));
}

export function splitRecordId(record: RecordId): { seed: string; part: number } {
  const dot = record.lastIndexOf('.');
  return { seed: record.slice(0, dot), part: Number(record.slice(dot + 1)) };
}

/** Where the receipt of a record is, and its quarantine entry. It follows from the record alone. */
export type RecordPlace = {
  readonly lane: Lane;
  readonly record: RecordId;
  readonly receivedAtMs: number;
};

export const laneOf = ({ tenant, slot, late }: Lane): Lane => ({ tenant, slot, late });
export const placeOfRecord = (header: EnvelopeHeader): RecordPlace => ({
  lane: laneOf(header),
  record: recordIdOf(header),
  receivedAtMs: header.receivedAtMs,
});

/** Unique across all tenants. */
export type RecordName = `${string}#${RecordId}`;
export const recordName = (tenant: Tenant, record: RecordId): RecordName => `${tenantKey(tenant)}#${record}`;
export const recordNameOf = (header: EnvelopeHeader): RecordName =>
  recordName(header.tenant, recordIdOf(header));
export const nameOfPlace = ({ lane, record }: Omit<RecordPlace, 'receivedAtMs'>): RecordName =>
  recordName(lane.tenant, record);
