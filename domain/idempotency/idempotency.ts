// An idempotency key names one request of a tenant for 24 hours. Its record holds the seed and the settings of the
// batch. The same body with the same seed and settings makes the same records and ids, so that a retry after a crash
// repeats the first attempt. Once the request is answered, the record holds the answer too, and later requests get
// the same one.

import { createHash } from 'node:crypto';
import type { BatchOutcome } from '../event/batch-outcome.ts';
import type { BatchSeed } from '../record/batch-id.ts';
import type { PageLayout } from '../record/envelope.ts';
import type { WrittenSlots } from '../record/streams.ts';
import { packText, unpackText } from '../system/packed-text.ts';
import { dayMs } from '../system/time.ts';

export const idempotencyKeyLifeMs = dayMs;

/** Everything but the body and the seed that determines the records of a batch. */
export type BatchSettings = WrittenSlots & {
  readonly retentionDays: number;
  readonly layout: PageLayout;
  /** The number of the platform key that the ids are made with. */
  readonly keyNumber: number;
  /** The name of the personal-data policy. */
  readonly policy?: string;
  /** `Prefer: handling=strict` */
  readonly strict: boolean;
  /** By how much the clock of the client was behind. */
  readonly skewMs?: number;
};

export type IdempotencyRecord = {
  /** `requestDigest` of the first request. */
  readonly digest: string;
  readonly seed: BatchSeed;
  readonly settings: BatchSettings;
  /** Until then another invocation may be working on the request. 0: none is. */
  readonly leaseUntilMs: number;
  readonly answer?: PackedOutcome;
  readonly expiresAtMs: number;
};

const keyPattern = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** A digest, because clients choose keys freely. Undefined if the key is invalid. */
export function idempotencyName(key: string): string | undefined {
  return keyPattern.test(key) ? createHash('sha256').update(key).digest('base64url') : undefined;
}

/** `form`: what else gives the bytes their meaning. They are other events as one JSON document than as NDJSON. */
export const requestDigest = (form: string, body: Uint8Array): string =>
  createHash('sha256').update(`${form}#`).update(body).digest('base64url');

/** Compressed, because DynamoDB bills by the KB, and 500 ids that Weir made are 38 KB of JSON, and 7 KB compressed. */
export type PackedOutcome = Uint8Array;

/** Rejections quote what the client sent, so their size is the client's choice. */
const maxPackedBytes = 8 * 1024;

/** Without `rejected` if it was too large. The body and the settings give the same rejections again. */
export type StoredOutcome = Pick<BatchOutcome, 'verdict'> & Partial<BatchOutcome>;

export function packOutcome({ verdict, rejected }: BatchOutcome): PackedOutcome {
  const whole = pack({ verdict, rejected });
  return whole.length <= maxPackedBytes ? whole : pack({ verdict });
}

const pack = (outcome: StoredOutcome): PackedOutcome => packText(JSON.stringify(outcome), 1);

export const unpackOutcome = (packed: PackedOutcome): StoredOutcome =>
  JSON.parse(unpackText(packed).toString()) as StoredOutcome;

export type KeyState = 'replay' | 'reused' | 'in_flight' | 'abandoned';

/** The state of a key for a second request: its answer, another body, a request in flight, or one that ended early. */
export function keyStateOf(record: IdempotencyRecord, digest: string, nowMs: number): KeyState {
  if (record.digest !== digest) return 'reused';
  if (record.answer) return 'replay';
  return record.leaseUntilMs > nowMs ? 'in_flight' : 'abandoned';
}
