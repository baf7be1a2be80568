// The header of a record on the stream. A record of a later version has one that this release cannot read: what
// quarantine needs of it follows from its partition key and from the beginning that all versions share. So it waits in
// the quarantine of its account, and not in the way of the records behind it.

import { laneOfStreamKey } from '../keys.ts';
import { receivedAtOfBatchId } from './batch-id.ts';
import { currentPageLayout, type EnvelopeHeader, NewerEnvelope, readHeader } from './envelope.ts';

/** Longer than any account keeps its events: the receipt must not expire before the record is replayed. */
const assumedRetentionDays = 400;

/** Throws UnreadableEnvelope if it cannot be told whose record it is. */
export function readRecordHeader(data: Uint8Array, partitionKey: string): EnvelopeHeader {
  try {
    return readHeader(data, partitionKey);
  } catch (error) {
    const assumed = error instanceof NewerEnvelope ? assumedHeader(error, partitionKey) : undefined;
    if (!assumed) throw error;
    return assumed;
  }
}

function assumedHeader({ record }: NewerEnvelope, partitionKey: string): EnvelopeHeader | undefined {
  const lane = laneOfStreamKey(partitionKey);
  const receivedAtMs = receivedAtOfBatchId(record.batchId);
  if (!lane || receivedAtMs === undefined) return undefined;
  return {
    ...lane,
    ...record,
    kind: 'events',
    parts: record.part + 1,
    layout: currentPageLayout,
    receivedAtMs,
    retentionDays: assumedRetentionDays,
    region: '',
    requestId: '',
  };
}
