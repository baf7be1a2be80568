// A batch: events that are sent together, under one Idempotency-Key, as the same bytes at each attempt.

/** As a store keeps it. */
export type StoredBatch = {
  /** The Idempotency-Key. */
  readonly key: string;
  readonly createdAtMs: number;
  /** The JSON of each event. */
  readonly events: readonly string[];
};

/** Keeps batches where they survive a crash. */
export type BatchStore = {
  /** Batches that earlier processes left, the oldest first. */
  load(): Promise<readonly StoredBatch[]>;
  /** The batch survives a crash once this resolves. */
  put(batch: StoredBatch): Promise<void>;
  remove(batch: StoredBatch): Promise<void>;
};

export type Batch = StoredBatch & {
  readonly bytes: number;
  /** How many requests carried it without an answer that says that it is not stored. */
  unanswered: number;
};

export const mayBeStored = ({ unanswered }: Pick<Batch, 'unanswered'>) => unanswered > 0;

/** A comma or a bracket after each event, and one bracket more. */
export const bytesAround = (events: number) => events + 1;

const encoder = new TextEncoder();
export const bytesOf = (text: string) => encoder.encode(text).length;
export const bodyOf = ({ events }: StoredBatch) => `[${events.join(',')}]`;

export const batchOf = (stored: StoredBatch, unanswered: number): Batch => ({
  ...stored,
  bytes: bytesOf(stored.events.join('')),
  unanswered,
});

/**
 * Their keys follow from that of the whole. So whoever splits it again, after a crash or in another process, makes the
 * same bytes under the same keys.
 */
export function halvesOf({ key, createdAtMs, events }: StoredBatch): readonly [Batch, Batch] {
  const middle = Math.ceil(events.length / 2);
  const half = (at: number, part: readonly string[]) =>
    batchOf({ key: `${key}.${at}`, createdAtMs, events: part }, 0);
  return [half(0, events.slice(0, middle)), half(1, events.slice(middle))];
}
