// An event id that ingest makes. It says which event of which record it names, where that rests and until when, under a
// mark of the tenant. So the record that made it need not claim it, and it is recognised when a client sends it again.
//
//   bytes   15    3                    1     4                 2          1           5             5
//           seed  part and index       slot  time of event     retention  key number  content MAC   mark

import { timingSafeEqual } from 'node:crypto';
import { oldestMs } from '../event/time-bounds.ts';
import { type Tenant, tenantKey } from '../keys.ts';
import { macOf } from '../signing/mac.ts';
import type { NumberedKey } from '../signing/signing-secrets.ts';
import { type BatchSeed, receivedAtOf, seedBytes } from './batch-id.ts';
import { isLate } from './packing.ts';
import { type RecordId, recordId } from './record-id.ts';

const indexRange = 0x1000;
const slotAt = seedBytes + 3;
const timeAt = slotAt + 1;
const retentionAt = timeAt + 4;
const keyAt = retentionAt + 2;
const headBytes = keyAt + 1;
const macBytes = 5;
const markAt = headBytes + macBytes;
const pattern = /^[A-Za-z0-9_-]{48}$/;

export type MadeId = {
  readonly record: RecordId;
  readonly index: number;
  readonly slot: number;
  readonly late: boolean;
  readonly receivedAtMs: number;
  readonly timestamp: number;
  readonly retentionDays: number;
  readonly keyNumber: number;
};

export type EventPlace = Pick<MadeId, 'index' | 'slot' | 'timestamp' | 'retentionDays'> & {
  readonly seed: BatchSeed;
  readonly part: number;
};

/** `digest` is that of the event. */
export function makeEventId(
  { seed, part, index, slot, timestamp, retentionDays }: EventPlace,
  digest: Uint8Array,
  tenant: Tenant,
  key: NumberedKey,
): string {
  const id = Buffer.alloc(markAt + macBytes);
  id.set(seed.subarray(0, seedBytes));
  id.writeUIntBE(part * indexRange + index, seedBytes, 3);
  id.writeUInt8(slot, slotAt);
  id.writeUInt32BE(timestamp - receivedAtOf(seed) + oldestMs, timeAt);
  id.writeUInt16BE(retentionDays, retentionAt);
  id.writeUInt8(key.number, keyAt);
  id.set(contentMac(id, digest, tenant, key.secret), headBytes);
  id.set(markOf(id, tenant, key.secret), markAt);
  return id.toString('base64url');
}

/** Undefined if it does not have the form of a made id. Whether it was made here, the mark tells. */
export function readMadeId(id: string): MadeId | undefined {
  if (!pattern.test(id)) return undefined;
  const bytes = Buffer.from(id, 'base64url');
  const partAndIndex = bytes.readUIntBE(seedBytes, 3);
  const receivedAtMs = receivedAtOf(bytes);
  const timestamp = receivedAtMs + bytes.readUInt32BE(timeAt) - oldestMs;
  return {
    record: recordId(id, Math.floor(partAndIndex / indexRange)),
    index: partAndIndex % indexRange,
    slot: bytes.readUInt8(slotAt),
    late: isLate(timestamp, receivedAtMs),
    receivedAtMs,
    timestamp,
    retentionDays: bytes.readUInt16BE(retentionAt),
    keyNumber: bytes.readUInt8(keyAt),
  };
}

/** Whether it was made for this tenant, in its present generation. */
export function hasMark(id: string, tenant: Tenant, secret: Uint8Array): boolean {
  const bytes = Buffer.from(id, 'base64url');
  return timingSafeEqual(bytes.subarray(markAt), markOf(bytes, tenant, secret));
}

/** Whether it was made for an event of this content. */
export function bindsContent(id: string, digest: Uint8Array, tenant: Tenant, secret: Uint8Array): boolean {
  const bytes = Buffer.from(id, 'base64url');
  return timingSafeEqual(bytes.subarray(headBytes, markAt), contentMac(bytes, digest, tenant, secret));
}

const contentMac = (id: Buffer, digest: Uint8Array, tenant: Tenant, secret: Uint8Array): Buffer =>
  macOf(secret, macBytes, `content#${tenantKey(tenant)}`, id.subarray(0, headBytes), digest);

const markOf = (id: Buffer, tenant: Tenant, secret: Uint8Array): Buffer =>
  macOf(secret, macBytes, `event#${tenantKey(tenant)}`, id.subarray(0, markAt));

/** What of an id does not follow from its page: its index and its MACs. */
export function shortIdOf(id: string): string {
  // One buffer for all, because consume shortens every id that was made.
  scratch.write(id, 'base64url');
  scratch.copyWithin(slotAt, keyAt);
  return scratch.toString('base64url', seedBytes, slotAt + scratch.length - keyAt);
}

const scratch = Buffer.alloc(markAt + macBytes);

export type IdSource = Pick<MadeId, 'slot' | 'receivedAtMs' | 'timestamp' | 'retentionDays'> & {
  readonly record: RecordId;
};

/** The id whose short form this is. */
export function fullIdOf(short: string, source: IdSource): string {
  const bytes = Buffer.from(short, 'base64url');
  const head = Buffer.alloc(keyAt - slotAt);
  head.writeUInt8(source.slot, 0);
  head.writeUInt32BE(source.timestamp - source.receivedAtMs + oldestMs, timeAt - slotAt);
  head.writeUInt16BE(source.retentionDays, retentionAt - slotAt);
  const seed = Buffer.from(source.record.slice(0, (seedBytes * 8) / 6), 'base64url');
  return Buffer.concat([seed, bytes.subarray(0, 3), head, bytes.subarray(3)]).toString('base64url');
}
