// Makes the stream records of a batch. They depend on the arguments only: the same attempt makes the same records.

import type { AssignedId, ValidatedBatch } from '../../domain/event/batch.ts';
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
import { packBatch } from '../../domain/record/pack-batch.ts';
import type { OutgoingRecord } from '../../domain/record/port.ts';
import type { NumberedKey } from '../../domain/signing/signing-secrets.ts';

export type SealedBatch = {
  readonly batchId: string;
  readonly assigned: readonly AssignedId[];
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

export function sealBatch(
  batch: Pick<ValidatedBatch, 'accepted' | 'indexes'>,
  props: SealProps,
): SealedBatch {
  const { tenant, seed, settings, region, requestId, trace } = props;
  const receivedAtMs = receivedAtOf(seed);
  const slot = slotOf(seed, settings.slots);
  const { retentionDays } = settings;
  const { packs, assigned } = packBatch(batch, { tenant, seed, slot, retentionDays, key: props.platformKey });
  const facts: BatchFacts = {
    parts: packs.length,
    lateParts: packs.filter(({ late }) => late).length,
    events: batch.accepted.length,
    slot,
    retentionDays,
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
        retentionDays,
        layout: settings.layout,
        region,
        requestId,
        ...(trace && { trace }),
      },
      body,
    ),
  }));
  return { batchId, records, assigned };
}
