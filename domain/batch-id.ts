// A batch id carries its time, its number of parts and a MAC bound to account and environment, so that a
// batch that is still on its way is told from one that never was, without a write when it is accepted.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Tenant, tenantKey } from './keys.ts';

const timeBytes = 6;
const randomBytes = 8;
const partsBytes = 2;
const macBytes = 8;
const seedBytes = timeBytes + randomBytes;
const idPattern = /^[A-Za-z0-9_-]{32}$/;

/** What a batch is made from before it is known how many parts it has: time and chance. */
export type BatchSeed = Uint8Array;

export const seedRandomBytes = randomBytes;

export function makeSeed(receivedAtMs: number, random: Uint8Array): BatchSeed {
  const seed = Buffer.alloc(seedBytes);
  seed.writeUIntBE(receivedAtMs, 0, timeBytes);
  seed.set(random.subarray(0, randomBytes), timeBytes);
  return seed;
}

export const receivedAtOf = (seed: BatchSeed): number => Buffer.from(seed).readUIntBE(0, timeBytes);

export function mintBatchId(seed: BatchSeed, parts: number, tenant: Tenant, secret: Uint8Array): string {
  const head = Buffer.alloc(seedBytes + partsBytes);
  head.set(seed);
  head.writeUInt16BE(parts, seedBytes);
  return Buffer.concat([head, mac(head, tenant, secret)]).toString('base64url');
}

export type BatchIdParts = { readonly receivedAtMs: number; readonly parts: number };

/** Undefined where the id was not minted for this tenant. */
export function readBatchId(id: string, tenant: Tenant, secret: Uint8Array): BatchIdParts | undefined {
  if (!idPattern.test(id)) return undefined;
  const bytes = Buffer.from(id, 'base64url');
  const head = bytes.subarray(0, seedBytes + partsBytes);
  if (!timingSafeEqual(bytes.subarray(head.length), mac(head, tenant, secret))) return undefined;
  return { receivedAtMs: head.readUIntBE(0, timeBytes), parts: head.readUInt16BE(seedBytes) };
}

function mac(head: Uint8Array, tenant: Tenant, secret: Uint8Array): Buffer {
  const hmac = createHmac('sha256', secret)
    .update(`batch#${tenantKey(tenant)}#`)
    .update(head);
  return hmac.digest().subarray(0, macBytes);
}

/** A batch goes to one slot of its account, chosen by its id: order is not promised, equal spread is. */
export function slotOf(seed: BatchSeed, slots: number): number {
  return Buffer.from(seed).readUInt32BE(timeBytes) % slots;
}

/** A UUIDv7 for an event without an id: the same seed and index make the same one. */
export function makeEventId(seed: BatchSeed, index: number): string {
  const uuid = Buffer.alloc(16);
  uuid.set(createHash('sha256').update(seed).update(String(index)).digest().subarray(0, 16));
  uuid.set(seed.subarray(0, timeBytes));
  uuid[6] = 0x70 | ((uuid[6] ?? 0) & 0x0f);
  uuid[8] = 0x80 | ((uuid[8] ?? 0) & 0x3f);
  const hex = uuid.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
