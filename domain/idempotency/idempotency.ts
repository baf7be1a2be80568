// An idempotency key stands for one request of a tenant for 24 hours. While there is no answer, what is kept for it is
// what the batch follows from: with the same time, chance and settings the same body makes the same batch, record by
// record and id by id, so that a rerun after a crash repeats the first try. Once there is one, it is kept too, and told
// again.

import { createHash } from 'node:crypto';
import { constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { BatchOutcome } from '../event/batch-outcome.ts';
import type { BatchSeed } from '../record/batch-id.ts';
import type { PageLayout } from '../record/envelope.ts';
import { dayMs } from '../system/time.ts';

export const idempotencyKeyLifeMs = dayMs;

/** What besides its body decides what becomes of a batch. */
export type BatchSettings = {
  readonly slots: number;
  readonly retentionDays: number;
  readonly layout: PageLayout;
  /** The name of the personal-data policy. */
  readonly policy?: string;
  /** `Prefer: handling=strict` */
  readonly strict: boolean;
};

export type IdempotencyRecord = {
  /** Of the request. */
  readonly digest: string;
  readonly seed: BatchSeed;
  readonly settings: BatchSettings;
  /** Somebody may be at work until then. */
  readonly leaseUntilMs: number;
  readonly answer?: PackedOutcome;
  readonly expiresAtMs: number;
};

const keyPattern = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** Clients choose keys freely, so they are kept by a digest. Undefined where it is no key. */
export function idempotencyName(key: string): string | undefined {
  return keyPattern.test(key) ? createHash('sha256').update(key).digest('base64url') : undefined;
}

/** The same bytes mean something else as one document and as lines. */
export const requestDigest = (form: string, body: Uint8Array): string =>
  createHash('sha256').update(`${form}#`).update(body).digest('base64url');

/** Compressed: five hundred ids that the server made are 32 KB of JSON, and the table bills by the KB. */
export type PackedOutcome = Uint8Array;

/** Rejections name what the client sent, and could be as large as it likes. */
const maxPackedBytes = 8 * 1024;

/** As it was, or without its rejections, which the body and the settings tell again. */
export type KeptOutcome = Pick<BatchOutcome, 'verdict'> & Partial<BatchOutcome>;

export function packOutcome({ verdict, rejected }: BatchOutcome): PackedOutcome {
  const whole = pack({ verdict, rejected });
  return whole.length <= maxPackedBytes ? whole : pack({ verdict });
}

const pack = (outcome: KeptOutcome): PackedOutcome =>
  zstdCompressSync(JSON.stringify(outcome), { params: { [zlib.ZSTD_c_compressionLevel]: 1 } });

export const unpackOutcome = (packed: PackedOutcome): KeptOutcome =>
  JSON.parse(zstdDecompressSync(packed).toString()) as KeptOutcome;

export type Found = 'replay' | 'reused' | 'in_flight' | 'abandoned';

/** What a second request with the key meets. */
export function judge(record: IdempotencyRecord, digest: string, nowMs: number): Found {
  if (record.digest !== digest) return 'reused';
  if (record.answer) return 'replay';
  return record.leaseUntilMs > nowMs ? 'in_flight' : 'abandoned';
}
