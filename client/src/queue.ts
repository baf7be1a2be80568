// Events that wait: those of the batch that is being filled, and batches that no request has carried yet. Bounded by
// events and bytes, of which those in flight count too.

import { type Batch, bytesAround } from './batch.ts';

export type QueueLimits = {
  readonly maxBatchEvents: number;
  readonly maxBatchBytes: number;
  readonly maxQueuedEvents: number;
  readonly maxQueuedBytes: number;
  readonly whenFull: 'drop-newest' | 'drop-oldest';
};

export type Waiting = { readonly json: string; readonly bytes: number };

export class Queue {
  readonly #limits: QueueLimits;
  #filling: Waiting[] = [];
  #fillingBytes = 0;
  readonly #unsent: Batch[] = [];
  #events = 0;
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** All that has no outcome yet. */
  get events(): number {
    return this.#events;
  }

  get isFilling(): boolean {
    return this.#filling.length > 0;
  }

  get isFilled(): boolean {
    return this.#filling.length >= this.#limits.maxBatchEvents;
  }

  fitsBatch(bytes: number): boolean {
    const { maxBatchBytes, maxBatchEvents } = this.#limits;
    const events = this.#filling.length + 1;
    return events <= maxBatchEvents && this.#fillingBytes + bytes + bytesAround(events) <= maxBatchBytes;
  }

  fits(bytes: number): boolean {
    const { maxQueuedBytes, maxQueuedEvents } = this.#limits;
    return this.#events < maxQueuedEvents && this.#bytes + bytes <= maxQueuedBytes;
  }

  /** What has to go so that something else fits: the oldest that is not in flight. A batch counts until it is settled. */
  dropOldest(): Batch | Waiting | undefined {
    if (this.#limits.whenFull === 'drop-newest') return undefined;
    const batch = this.#unsent.shift();
    if (batch) return batch;
    const event = this.#filling.shift();
    if (event) {
      this.#fillingBytes -= event.bytes;
      this.#count(-1, -event.bytes);
    }
    return event;
  }

  add(event: Waiting): void {
    this.#filling.push(event);
    this.#fillingBytes += event.bytes;
    this.#count(1, event.bytes);
  }

  /** Ends the batch that is being filled. */
  cut(key: string, createdAtMs: number): Batch {
    const batch = {
      key,
      createdAtMs,
      events: this.#filling.map(({ json }) => json),
      bytes: this.#fillingBytes,
      unanswered: 0,
    };
    this.#filling = [];
    this.#fillingBytes = 0;
    this.#unsent.push(batch);
    return batch;
  }

  /** Of an earlier process: they are older than what waits. */
  restore(batches: readonly Batch[]): void {
    for (const batch of batches) this.hold(batch);
    this.#unsent.unshift(...batches);
  }

  /** Counts what is sent right away. */
  hold({ events, bytes }: Pick<Batch, 'events' | 'bytes'>): void {
    this.#count(events.length, bytes);
  }

  takeUnsent(): Batch | undefined {
    return this.#unsent.shift();
  }

  settle({ events, bytes }: Pick<Batch, 'events' | 'bytes'>): void {
    this.#count(-events.length, -bytes);
  }

  #count(events: number, bytes: number): void {
    this.#events += events;
    this.#bytes += bytes;
  }
}
