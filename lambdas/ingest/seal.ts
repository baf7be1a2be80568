// Makes the stream records of a batch. They depend on the arguments only: the same attempt makes the same records.

import type { AcceptedEvent } from '../../domain/event/event.ts';
import type { BatchSettings } from '../../domain/idempotency/idempotency.ts';
import { streamKey, type Tenant } from '../../domain/keys.ts';
import {
  type BatchFacts,
  type BatchSeed,
  makeBatchId,
  receivedAtOf,
  slotOf,
} from '../../domain/record/batch-id.ts';
import { encodeEnvelope } from '../../domain/record/envelope.ts';
import { packEvents } from '../../domain/record/packing.ts';
import type { OutgoingRecord } from '../../domain/record/port.ts';
import type { NumberedKey } from '../../domain/signing/signing-secrets.ts';

export type SealedBatch = {
  readonly batchId: string;
  readonly records: readonly (OutgoingRecord & { readonly events: number; readonly late: boolean })[];
};

export type SealProps = {
  readonly tenant: Tenant;
  readonly seed: BatchSeed;
  readonly settings: BatchSettings;
  readonly platformKey: NumberedKey;
  readonly region: string;
  readonly requestId: string;
  /** A W3C traceparent. */
  readonly trace?: string;
};

export function sealBatch(events: readonly AcceptedEvent[], props: SealProps): SealedBatch {
  const { tenant, seed, settings, region, requestId, trace } = props;
  const receivedAtMs = receivedAtOf(seed);
  const packs = packEvents(events, receivedAtMs);
  const slot = slotOf(seed, settings.slots);
  const facts: BatchFacts = {
    parts: packs.length,
    lateParts: packs.filter(({ late }) => late).length,
    events: events.length,
    slot,
    retentionDays: settings.retentionDays,
  };
  const batchId = makeBatchId(seed, facts, tenant, props.platformKey);
  const records = packs.map(({ late, body }, part) => ({
    partitionKey: streamKey(tenant, slot, late),
    events: body.events,
    late,
    data: encodeEnvelope(
      {
        kind: 'events',
        tenant,
        batchId,
        part,
        parts: packs.length,
        slot,
        late,
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
