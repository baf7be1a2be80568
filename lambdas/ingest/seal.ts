// Makes the stream records of a batch. They depend on the arguments only: the same attempt makes the same records.

import type { AcceptedEvent } from '../../domain/event/event.ts';
import type { BatchSettings } from '../../domain/idempotency/idempotency.ts';
import { streamKey, type Tenant } from '../../domain/keys.ts';
import { type BatchSeed, makeBatchId, receivedAtOf, slotOf } from '../../domain/record/batch-id.ts';
import { encodeEnvelope } from '../../domain/record/envelope.ts';
import { packEvents } from '../../domain/record/packing.ts';
import type { OutgoingRecord } from '../../domain/record/port.ts';

export type SealedBatch = {
  readonly batchId: string;
  readonly records: readonly (OutgoingRecord & { readonly events: number; readonly late: boolean })[];
};

export type SealProps = {
  readonly tenant: Tenant;
  readonly seed: BatchSeed;
  readonly settings: BatchSettings;
  readonly platformKey: Uint8Array;
  readonly region: string;
  readonly requestId: string;
  /** A W3C traceparent. */
  readonly trace?: string;
};

export function sealBatch(events: readonly AcceptedEvent[], props: SealProps): SealedBatch {
  const { tenant, seed, settings, region, requestId, trace } = props;
  const receivedAtMs = receivedAtOf(seed);
  const packs = packEvents(events, receivedAtMs);
  const size = { parts: packs.length, events: events.length };
  const batchId = makeBatchId(seed, size, tenant, props.platformKey);
  const slot = slotOf(seed, settings.slots);
  const records = packs.map(({ late, body }, part) => ({
    partitionKey: streamKey(tenant, slot, late),
    events: body.events,
    late,
    data: encodeEnvelope(
      {
        tenant,
        batchId,
        part,
        parts: packs.length,
        slot,
        receivedAtMs,
        retentionDays: settings.retentionDays,
        layout: settings.layout,
        region,
        requestId,
        ...(trace && { trace }),
      },
      body,
    ),
  }));
  return { batchId, records };
}
