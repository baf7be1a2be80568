// Tells the caller what became of each event, once, and counts it.

import { type Batch, mayBeStored } from './batch.ts';
import type { Final } from './delivery.ts';
import type { Dropped, TrackedEvent, WeirOptions } from './options.ts';
import type { RejectedEvent } from './wire.ts';

export type Callbacks = Pick<WeirOptions, 'onAccepted' | 'onRejected' | 'onDropped' | 'onStoreError'>;

const parsed = (events: readonly string[]) => events.map((json): TrackedEvent => JSON.parse(json));

export class Reports {
  /** How many events came to what end. */
  readonly counts = { accepted: 0, rejected: 0, dropped: 0 };
  readonly #callbacks: Callbacks;

  constructor(callbacks: Callbacks) {
    this.#callbacks = callbacks;
  }

  ended(batch: Batch, final: Exclude<Final, { kind: 'halves' | 'stopped' }>): void {
    const events = parsed(batch.events);
    if (final.kind === 'accepted') {
      this.counts.accepted += final.answer.accepted;
      this.#tell(this.#callbacks.onAccepted, { ...final.answer, events });
      this.#rejected(events, final.answer.rejected);
    } else if (final.kind === 'rejected') this.#rejected(events, final.rejected);
    else if (final.kind === 'refused')
      this.dropped({ reason: 'refused', events, mayBeStored: mayBeStored(batch), refusal: final.refusal });
    else this.dropped({ reason: final.kind, events, mayBeStored: mayBeStored(batch) });
  }

  closed(batch: Batch): void {
    this.dropped({ reason: 'closed', events: parsed(batch.events), mayBeStored: mayBeStored(batch) });
  }

  full(batch: Pick<Batch, 'events' | 'unanswered'>): void {
    this.dropped({ reason: 'full', events: parsed(batch.events), mayBeStored: mayBeStored(batch) });
  }

  dropped(dropped: Dropped): void {
    this.counts.dropped += dropped.events.length;
    this.#tell(this.#callbacks.onDropped, dropped);
  }

  storeFailed(error: unknown): void {
    this.#tell(this.#callbacks.onStoreError, error);
  }

  #rejected(events: readonly TrackedEvent[], rejected: readonly RejectedEvent[]): void {
    for (const { index, ...why } of rejected) {
      const event = events[index];
      if (event === undefined) continue;
      this.counts.rejected += 1;
      this.#tell(this.#callbacks.onRejected, { ...why, event });
    }
  }

  /** A callback that fails must not stop what comes after it. */
  #tell<T>(callback: ((told: T) => void) | undefined, told: T): void {
    try {
      callback?.(told);
    } catch (error) {
      console.error('A callback of the Weir client failed.', error);
    }
  }
}
