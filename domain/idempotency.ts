// An idempotency key stands for one request of a tenant for 24 hours. What is kept for it is not the answer but what
// the answer follows from: with the same time, chance and settings the same body makes the same batch, record by
// record and id by id. So a rerun after a crash repeats the first try, and a replay tells what it told.

import { createHash } from 'node:crypto';
import type { BatchSeed } from './batch-id.ts';
import { dayMs } from './time.ts';

export const idempotencyKeyLifeMs = dayMs;

/** What besides its body decides what becomes of a batch. */
export type BatchSettings = {
  readonly slots: number;
  readonly retentionDays: number;
  /** The name of the personal-data policy. */
  readonly policy?: string;
  /** `Prefer: handling=strict` */
  readonly strict: boolean;
};

export type IdempotencyRecord = {
  readonly digest: string;
  readonly seed: BatchSeed;
  readonly settings: BatchSettings;
  /** Somebody may be at work until then. */
  readonly leaseUntilMs: number;
  readonly answered: boolean;
  readonly expiresAtMs: number;
};

const keyPattern = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** Clients choose keys freely, so they are kept by a digest. Undefined where it is no key. */
export function idempotencyName(key: string): string | undefined {
  return keyPattern.test(key) ? digestOfBytes(Buffer.from(key)) : undefined;
}

export const digestOfBytes = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64url');

export type Found = 'replay' | 'reused' | 'in_flight' | 'abandoned';

/** What a second request with the key meets. */
export function judge(record: IdempotencyRecord, digest: string, nowMs: number): Found {
  if (record.digest !== digest) return 'reused';
  if (record.answered) return 'replay';
  return record.leaseUntilMs > nowMs ? 'in_flight' : 'abandoned';
}
