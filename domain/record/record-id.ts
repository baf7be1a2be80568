// The id of a stream record is `batch.part`, made by ingest (R1). Two copies on the stream with one id are one record.

import type { Tenant } from '../keys.ts';
import type { EnvelopeHeader } from './envelope.ts';

export type RecordId = `${string}.${number}`;

export const recordId = (batchId: string, part: number): RecordId => `${batchId}.${part}`;
export const recordIdOf = ({ batchId, part }: EnvelopeHeader): RecordId => recordId(batchId, part);

export function splitRecordId(record: RecordId): { batchId: string; part: number } {
  const dot = record.lastIndexOf('.');
  return { batchId: record.slice(0, dot), part: Number(record.slice(dot + 1)) };
}

/** Unique across all tenants. */
export type RecordName = `${string}#${string}#${RecordId}`;
export const recordName = ({ account, environment }: Tenant, record: RecordId): RecordName =>
  `${account}#${environment}#${record}`;
export const recordNameOf = (header: EnvelopeHeader): RecordName =>
  recordName(header.tenant, recordIdOf(header));
