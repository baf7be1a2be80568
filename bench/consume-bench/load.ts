// The events of a shop, sealed into stream records as ingest seals them, and delivered as Lambda delivers them: a fixed
// number of records of one key per invocation. The same in every run.

import { seededRandom } from '@weir/twin/faults';
import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { validateBatch } from '../../domain/event/batch.ts';
import { makeSeed, seedRandomBytes } from '../../domain/record/batch-id.ts';
import { replayIdentity } from '../../domain/record/delivery.ts';
import { currentPageLayout } from '../../domain/record/envelope.ts';
import type { OutgoingRecord } from '../../domain/record/port.ts';
import { hourMs, minuteMs } from '../../domain/system/time.ts';
import { sealBatch } from '../../lambdas/ingest/seal.ts';
import { type Shop, shopOf } from './shop.ts';

export type Load = {
  readonly eventsPerBatch: number;
  readonly users: Shop['users'];
  /** How much older than its receipt an event may be. */
  readonly spreadMs: number;
  /** UUIDv7: of the time of the event. Scoped: a prefix for each batch. Made here: the client sends none. */
  readonly ids: 'random' | 'UUIDv7' | 'scoped' | 'made here';
};

export type Invocation = {
  readonly event: KinesisStreamEvent;
  readonly events: number;
  /** When it runs. */
  readonly nowMs: number;
};

export const tenant = { account: 'acme', environment: 'production', generation: 0 };

const firstReceivedAtMs = Date.parse('2026-11-21T10:02:00.000Z');
/** A load is received within one hour, so that its documents reach their full size while counts still change. */
export const receivedWithinMs = hourMs - 6 * minuteMs;

export type SealedRecord = OutgoingRecord & { readonly events: number; readonly receivedAtMs: number };

/** Returns the invocations of so many batches, and the mean size of an event as the client sends it. */
export function invocationsOf(load: Load, batches: number, recordsEach: number, slots = 1) {
  const shop = shopOf(load.users, seededRandom(1));
  const lanes = new Map<string, SealedRecord[]>();
  const invocations: Invocation[] = [];
  let bytes = 0;
  for (let index = 0; index < batches; index += 1) {
    const receivedAtMs = firstReceivedAtMs + Math.floor((index * receivedWithinMs) / batches);
    const idOf = idsOf(shop, load.ids);
    const sent = Array.from({ length: load.eventsPerBatch }, (_, at) => {
      const event = shop.event(receivedAtMs, load.spreadMs);
      return { ...event, ...idOf(Date.parse(event.timestamp), at) };
    });
    bytes += Buffer.byteLength(JSON.stringify(sent));
    for (const record of sealed(sent, receivedAtMs, shop.bytes(seedRandomBytes), slots)) {
      const lane = lanes.get(record.partitionKey) ?? [];
      lanes.set(record.partitionKey, [...lane, record]);
      if (lane.length + 1 < recordsEach) continue;
      invocations.push(invocationOf([...lane, record]));
      lanes.delete(record.partitionKey);
    }
  }
  for (const lane of lanes.values()) invocations.push(invocationOf(lane));
  return { invocations, bytesPerEvent: bytes / (batches * load.eventsPerBatch) };
}

/** For the events of one batch. */
export function idsOf(shop: ReturnType<typeof shopOf>, ids: Load['ids']) {
  const scoped = shop.scoped();
  return (atMs: number, index: number): { readonly event_id?: string } => {
    if (ids === 'random') return { event_id: shop.uuid() };
    if (ids === 'UUIDv7') return { event_id: shop.uuidV7(atMs) };
    return ids === 'scoped' ? { event_id: scoped(index) } : {};
  };
}

export const platformKey = { number: 1, secret: new Uint8Array(32) };

/** The records of a batch, as ingest puts them. */
export function sealed(
  sent: readonly object[],
  receivedAtMs: number,
  random: Uint8Array,
  slots: number,
): SealedRecord[] {
  const batch = validateBatch(sent, {
    account: tenant.account,
    receivedAtMs,
  });
  const [rejected] = batch.rejected;
  if (rejected) throw new Error(`An event is not valid: ${rejected.message}`);
  const { records } = sealBatch(batch, {
    tenant,
    seed: makeSeed(receivedAtMs, random),
    settings: {
      stream: 'standard',
      slots: Array.from({ length: slots }, (_, slot) => slot),
      ...{ retentionDays: 30, layout: currentPageLayout, keyNumber: 1, strict: false },
    },
    platformKey,
    region: 'us-east-1',
    requestId: '6d2f9e5c-11a1-4b6e-9d0f-3b8f6c1d2e4a',
  });
  return records.map((record) => ({ ...record, receivedAtMs }));
}

export function invocationOf(records: readonly SealedRecord[]): Invocation {
  const Records = records.map(
    ({ partitionKey, data }, index) =>
      ({
        invokeIdentityArn: replayIdentity,
        kinesis: { partitionKey, sequenceNumber: String(index), data: Buffer.from(data).toString('base64') },
      }) as KinesisStreamRecord,
  );
  return {
    event: { Records },
    events: records.reduce((sum, { events }) => sum + events, 0),
    nowMs: Math.max(...records.map(({ receivedAtMs }) => receivedAtMs)) + 1000,
  };
}
