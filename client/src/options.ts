// What a client is told when it is made, and what it tells about what becomes of events.

import type { BatchStore } from './batch.ts';
import type { Server } from './http.ts';
import type { Refusal } from './outcome.ts';
import type { QueueLimits } from './queue.ts';
import type { AcceptedBatch, Event, RejectedEvent } from './wire.ts';

/** An event as `track` takes it. */
export type TrackedEvent = Omit<Event, 'timestamp' | 'sent_at'> & {
  /** When it happened. Absent: now. */
  readonly timestamp?: string | number | Date;
};

/** The server took the batch, and keeps what it did not reject. Indexes are those of `events`. */
export type Accepted = AcceptedBatch & { readonly events: readonly TrackedEvent[] };

/** The server did not take the event: `code`, `field` and `message` say why. */
export type Rejected = Omit<RejectedEvent, 'index'> & { readonly event: TrackedEvent };

export type DropReason =
  /** The queue was full. */
  | 'full'
  /** It cannot be written as JSON. */
  | 'not_json'
  /** It alone exceeds what a batch can hold. */
  | 'too_large'
  /** The server will not take the batch: `refusal` says why, such as an unknown key. */
  | 'refused'
  /** There was no answer for 23 hours. A day after its first request a batch could count twice. */
  | 'expired'
  /** The client was closed before. */
  | 'closed';

export type Dropped = {
  readonly reason: DropReason;
  readonly events: readonly TrackedEvent[];
  /** Whether the server can have stored them all the same: its answer never came. */
  readonly mayBeStored: boolean;
  readonly refusal?: Refusal;
};

export type WeirOptions = {
  /** The address of Weir without `/v1`, such as `https://events.example.com`. */
  readonly url: string;
  /** An API key with the scope `ingest`, and `read` for what reads. */
  readonly key: string;
  /** A batch is sent once it has so many events: 100. At most 500. */
  readonly maxBatchEvents?: number;
  /** A batch is sent before it exceeds so many bytes: 400 KiB, in a page 48 KiB. At most 512 KiB. */
  readonly maxBatchBytes?: number;
  /** A batch is sent so long after its first event: 500. */
  readonly flushAfterMs?: number;
  /** How many batches are sent at the same time: 4. With 1, each waits for the answer to the one before. */
  readonly concurrency?: number;
  /** Events that have no outcome yet: 10,000. */
  readonly maxQueuedEvents?: number;
  /** Their bytes: 16 MiB. */
  readonly maxQueuedBytes?: number;
  /** Which events are dropped while the queue is full: those that come (`drop-newest`), or the oldest. */
  readonly whenFull?: QueueLimits['whenFull'];
  /** How long an answer may take: 15,000. */
  readonly requestTimeoutMs?: number;
  /** The first wait before a retry is at most so long, and each later one twice as long: 500. */
  readonly retryBaseMs?: number;
  /** The longest of these waits: 60,000. `Retry-After` can ask for more. */
  readonly retryMaxMs?: number;
  /** Keeps batches until they are answered, such as a file queue. */
  readonly store?: BatchStore;
  /** Headers that sign a body, for accounts that sign. */
  readonly sign?: NonNullable<Server['sign']>;
  readonly onAccepted?: (batch: Accepted) => void;
  readonly onRejected?: (rejected: Rejected) => void;
  readonly onDropped?: (dropped: Dropped) => void;
  /** The store failed. Events are sent, but do not survive a crash meanwhile. */
  readonly onStoreError?: (error: unknown) => void;
};

/** What the server takes at most. */
const server = { events: 500, bytes: 512 * 1024 } as const;

export function settingsOf(options: WeirOptions, isInPage: boolean) {
  const { url, key, store, sign } = options;
  if (!/^https?:\/\/\S+$/.test(url) || /\/v1\/?$/.test(url))
    throw new TypeError(`url is the address of Weir without /v1, such as https://events.example.com: ${url}`);
  if (!/^[!-~]+$/.test(key)) throw new TypeError('key is an API key of Weir, such as weir_production_….');
  const whenFull = options.whenFull ?? 'drop-newest';
  if (whenFull !== 'drop-newest' && whenFull !== 'drop-oldest')
    throw new TypeError('whenFull is drop-newest or drop-oldest.');
  const whole = (name: keyof WeirOptions, otherwise: number, most = 2 ** 31 - 1) => {
    const value = options[name] ?? otherwise;
    if (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most) return Number(value);
    throw new TypeError(`${name} is a whole number from 1 to ${most}.`);
  };
  return {
    url: url.replace(/\/+$/, ''),
    key,
    whenFull,
    maxBatchEvents: whole('maxBatchEvents', 100, server.events),
    maxBatchBytes: whole('maxBatchBytes', (isInPage ? 48 : 400) * 1024, server.bytes),
    flushAfterMs: whole('flushAfterMs', 500),
    concurrency: whole('concurrency', 4),
    maxQueuedEvents: whole('maxQueuedEvents', 10_000),
    maxQueuedBytes: whole('maxQueuedBytes', 16 * 1024 * 1024),
    requestTimeoutMs: whole('requestTimeoutMs', 15_000),
    retryBaseMs: whole('retryBaseMs', 500),
    retryMaxMs: whole('retryMaxMs', 60_000),
    ...(store && { store }),
    ...(sign && { sign }),
  };
}

export type Settings = ReturnType<typeof settingsOf>;
