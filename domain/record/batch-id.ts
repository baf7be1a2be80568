// A batch id carries the time of receipt, the number of parts and events, and a MAC bound to the tenant. So a reader
// knows that a batch was accepted, and its size, before any of it is stored, and ingest needs no write of its own for
// that.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Tenant, tenantKey } from '../keys.ts';

const timeBytes = 6;
const randomBytes = 7;
/** Parts and events, 12 bits each: a batch has at most 500 of either. */
const sizeBytes = 3;
const sizeRange = 0x1000;
const macBytes = 8;
const seedBytes = timeBytes + randomBytes;
const idPattern = /^[A-Za-z0-9_-]{32}$/;

/** Time of receipt and random bytes. Batch id, slot and made event ids follow from it. */
export type BatchSeed = Uint8Array;

export const seedRandomBytes = randomBytes;

export function makeSeed(receivedAtMs: number, random: Uint8Array): BatchSeed {
  const seed = Buffer.alloc(seedBytes);
  seed.writeUIntBE(receivedAtMs, 0, timeBytes);
  seed.set(random.subarray(0, randomBytes), timeBytes);
  return seed;
}

export const receivedAtOf = (seed: BatchSeed): number => Buffer.from(seed).readUIntBE(0, timeBytes);

export type BatchSize = { readonly parts: number; readonly events: number };

export function makeBatchId(
  seed: BatchSeed,
  { parts, events }: BatchSize,
  tenant: Tenant,
  secret: Uint8Array,
): string {
  const head = Buffer.alloc(seedBytes + sizeBytes);
  head.set(seed.subarray(0, seedBytes));
  head.writeUIntBE(parts * sizeRange + events, seedBytes, sizeBytes);
  return Buffer.concat([head, mac(head, tenant, secret)]).toString('base64url');
}

export type KnownBatch = BatchSize & { readonly receivedAtMs: number };

/** Undefined if the id was not made for this tenant. */
export function readBatchId(id: string, tenant: Tenant, secret: Uint8Array): KnownBatch | undefined {
  if (!idPattern.test(id)) return undefined;
  const bytes = Buffer.from(id, 'base64url');
  const head = bytes.subarray(0, seedBytes + sizeBytes);
  if (!timingSafeEqual(bytes.subarray(head.length), mac(head, tenant, secret))) return undefined;
  const size = head.readUIntBE(seedBytes, sizeBytes);
  return {
    receivedAtMs: head.readUIntBE(0, timeBytes),
    parts: Math.floor(size / sizeRange),
    events: size % sizeRange,
  };
}

function mac(head: Uint8Array, tenant: Tenant, secret: Uint8Array): Buffer {
  const hmac = createHmac('sha256', secret)
    .update(`batch-of-size#${tenantKey(tenant)}#`)
    .update(head);
  return hmac.digest().subarray(0, macBytes);
}

/** The slot of a batch follows from its seed: batches spread evenly over the slots, in no order. */
export function slotOf(seed: BatchSeed, slots: number): number {
  return Buffer.from(seed).readUInt32BE(timeBytes) % slots;
}

/** A UUIDv7 for an event without an id. The same seed and index give the same id. */
export function makeEventId(seed: BatchSeed, index: number): string {
  const uuid = Buffer.alloc(16);
  uuid.set(createHash('sha256').update(seed).update(String(index)).digest().subarray(0, 16));
  uuid.set(seed.subarray(0, timeBytes));
  uuid[6] = 0x70 | ((uuid[6] ?? 0) & 0x0f);
  uuid[8] = 0x80 | ((uuid[8] ?? 0) & 0x3f);
  const hex = uuid.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
