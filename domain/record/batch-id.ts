// A batch id carries the time of receipt, the number of parts and events, the slot, the retention that was promised and
// the generation, under a MAC bound to the tenant. So a reader knows that a batch was accepted, its size, and where the
// receipts of its records are, before any of it is stored. Ingest needs no write of its own for that.

import { timingSafeEqual } from 'node:crypto';
import { type Tenant, tenantKey } from '../keys.ts';
import { macOf } from '../signing/mac.ts';
import type { NumberedKey } from '../signing/signing-secrets.ts';

const timeBytes = 6;
const randomBytes = 9;
export const seedBytes = timeBytes + randomBytes;
/** A whole number of characters: the seed of a batch is the beginning of its id. */
const seedCharacters = (seedBytes * 8) / 6;
/** Parts and late parts, 12 bits each. */
const partsBytes = 3;
const partsRange = 0x1000;
const macBytes = 8;

const keyAt = seedBytes;
const partsAt = keyAt + 1;
const eventsAt = partsAt + partsBytes;
const slotAt = eventsAt + 2;
const retentionAt = slotAt + 1;
const generationAt = retentionAt + 2;
const headBytes = generationAt + 2;
const idPattern = /^[A-Za-z0-9_-]{46}$/;
const seedPattern = /^[A-Za-z0-9_-]{20,64}$/;

/** Time of receipt and random bytes. Batch id, slot and record ids follow from it. */
export type BatchSeed = Uint8Array;

export const seedRandomBytes = randomBytes;

export function makeSeed(receivedAtMs: number, random: Uint8Array): BatchSeed {
  const seed = Buffer.alloc(seedBytes);
  seed.writeUIntBE(receivedAtMs, 0, timeBytes);
  seed.set(random.subarray(0, randomBytes), timeBytes);
  return seed;
}

export const receivedAtOf = (seed: BatchSeed): number => Buffer.from(seed).readUIntBE(0, timeBytes);

/** Undefined if it does not begin with a seed. Batch ids of later releases may be longer. */
export const receivedAtOfBatchId = (id: string): number | undefined =>
  seedPattern.test(id) ? receivedAtOf(Buffer.from(seedOfBatchId(id), 'base64url')) : undefined;

/** As a batch id begins with it. By itself it names a request of which nothing was accepted. */
export const seedText = (seed: BatchSeed): string => Buffer.from(seed).toString('base64url');

/** The beginning of a batch id, which names the batch within its tenant. */
export const seedOfBatchId = (batchId: string): string => batchId.slice(0, seedCharacters);

export type BatchFacts = {
  readonly parts: number;
  /** The last parts of a batch hold its late events. */
  readonly lateParts: number;
  readonly events: number;
  readonly slot: number;
  readonly retentionDays: number;
};

export function makeBatchId(
  seed: BatchSeed,
  { parts, lateParts, events, slot, retentionDays }: BatchFacts,
  tenant: Tenant,
  key: NumberedKey,
): string {
  const head = Buffer.alloc(headBytes);
  head.set(seed.subarray(0, seedBytes));
  head.writeUInt8(key.number, keyAt);
  head.writeUIntBE(parts * partsRange + lateParts, partsAt, partsBytes);
  head.writeUInt16BE(events, eventsAt);
  head.writeUInt8(slot, slotAt);
  head.writeUInt16BE(retentionDays, retentionAt);
  head.writeUInt16BE(tenant.generation, generationAt);
  return Buffer.concat([head, mac(head, tenant, key.secret)]).toString('base64url');
}

/** Undefined if it is no batch id. The last character has bits to spare: only one spelling is valid. */
function bytesOf(id: string): Buffer | undefined {
  if (!idPattern.test(id)) return undefined;
  const bytes = Buffer.from(id, 'base64url');
  return bytes.toString('base64url') === id ? bytes : undefined;
}

export type KnownBatch = BatchFacts & { readonly receivedAtMs: number };

/** The number of the platform key that made the id. Undefined if it is no batch id. */
export const keyNumberOf = (id: string): number | undefined => bytesOf(id)?.[keyAt];

/** Undefined if the id was not made for this tenant, in its present generation. */
export function readBatchId(id: string, tenant: Tenant, secret: Uint8Array): KnownBatch | undefined {
  const bytes = bytesOf(id);
  if (!bytes) return undefined;
  const head = bytes.subarray(0, headBytes);
  if (!timingSafeEqual(bytes.subarray(headBytes), mac(head, tenant, secret))) return undefined;
  const parts = head.readUIntBE(partsAt, partsBytes);
  return {
    receivedAtMs: receivedAtOf(head),
    parts: Math.floor(parts / partsRange),
    lateParts: parts % partsRange,
    events: head.readUInt16BE(eventsAt),
    slot: head.readUInt8(slotAt),
    retentionDays: head.readUInt16BE(retentionAt),
  };
}

const mac = (head: Uint8Array, tenant: Tenant, secret: Uint8Array): Buffer =>
  macOf(secret, macBytes, `batch#${tenantKey(tenant)}`, head);

/** The slot of a batch follows from its seed: batches spread evenly over the slots, in no order. */
export function slotOf(seed: BatchSeed, slots: readonly number[]): number {
  const slot = slots[Buffer.from(seed).readUInt32BE(timeBytes) % slots.length];
  if (slot === undefined) throw new Error('A batch needs a slot to go to.');
  return slot;
}
