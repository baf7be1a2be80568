// Rejections for tests: what a request was refused, and the record that carries it.

import { streamKey, type Tenant } from '../../domain/keys.ts';
import { encodeEnvelope, encodeRejections, rejectionsPart } from '../../domain/record/envelope.ts';
import type { OutgoingRecord } from '../../domain/record/port.ts';
import { recordId } from '../../domain/record/record-id.ts';
import type { RejectionRecord } from '../../domain/rejections/rejection-hour.ts';
import type { RequestRejections } from '../../domain/rejections/request-rejections.ts';
import { nowMs } from './events.ts';
import { tenantOf } from './lanes.ts';

/** One missing type, unless more is said. */
export const requestRejections = (more: Partial<RequestRejections> = {}): RequestRejections => ({
  keyId: 'abcdefabcdef',
  client: 'curl/8.5.0',
  counts: [{ code: 'missing_field', field: 'type', count: 1 }],
  samples: [
    { code: 'missing_field', field: 'type', message: 'type is required.', event: '{"event_id":"e"}' },
  ],
  ...more,
});

export const rejectionRecord = (
  name: string,
  more: Partial<RequestRejections> = {},
  receivedAtMs = nowMs,
): RejectionRecord => ({
  record: recordId(name, rejectionsPart),
  receivedAtMs,
  requestId: 'r',
  rejections: requestRejections(more),
});

export const sealedRejections = (
  batchId: string,
  more: Partial<RequestRejections> & { readonly tenant?: Tenant; readonly receivedAtMs?: number } = {},
): OutgoingRecord => {
  const { tenant = tenantOf('acme'), receivedAtMs = nowMs, ...body } = more;
  return {
    partitionKey: streamKey(tenant, 0, false),
    data: encodeEnvelope(
      {
        kind: 'rejections',
        ...{ tenant, batchId, part: rejectionsPart, parts: rejectionsPart + 1, slot: 0, late: false },
        ...{ layout: 1, receivedAtMs, retentionDays: 30, region: 'us-east-1', requestId: 'r' },
      },
      encodeRejections(requestRejections(body)),
    ),
  };
};
