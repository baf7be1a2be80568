// The storm's own books of what was sent and what was answered, to compare with what the system says.

import { type ContentOptions, contentOf, type SentEvent } from './contents.ts';
import type { PlannedBatch } from './plan.ts';

export type AcceptedBatch = {
  readonly account: string;
  readonly batchId: string;
  readonly receiptPath: string;
  readonly events: readonly SentEvent[];
};

/** A record that the storm put on the stream directly, and that cannot be stored. */
export type PoisonRecord = {
  readonly account: string;
  readonly record: string;
  readonly reason: 'failed' | 'undecodable';
};

type Sent = Pick<PlannedBatch, 'account' | 'events'>;
/** How often the event must be stored, and all contents that were sent under its id. */
type Entry = { readonly lives: number; readonly contents: readonly SentEvent[] };

export class LedgerOfTruth {
  readonly accepted: AcceptedBatch[] = [];
  readonly poison: PoisonRecord[] = [];
  /** The sequence numbers of records without a readable header. */
  readonly ownerless: string[] = [];
  /** Not answered 202. These may be on the stream all the same, and are sent again. */
  readonly refused: {
    readonly account: string;
    readonly status: number;
    readonly events: readonly SentEvent[];
  }[] = [];
  /** By `account#id`. */
  readonly entries = new Map<string, Entry>();
  readonly #content: ContentOptions;

  constructor(content: ContentOptions) {
    this.#content = content;
  }

  eventsOf({ account, events }: Sent): readonly SentEvent[] {
    return events.map((name) => contentOf(this.#content, account, name));
  }

  accept(batch: Sent, batchId: string, receiptPath: string): void {
    const events = this.eventsOf(batch);
    this.accepted.push({ account: batch.account, batchId, receiptPath, events });
    for (const event of events) {
      const key = `${batch.account}#${event.event_id}`;
      const { lives = 1, contents = [] } = this.entries.get(key) ?? {};
      this.entries.set(key, { lives, contents: [...contents, event] });
    }
  }

  refuse(batch: Sent, status: number): void {
    this.refused.push({ account: batch.account, status, events: this.eventsOf(batch) });
  }

  /** The retention of these events has passed: from now on their ids are new again. */
  beginAnotherLife(account: string, eventIds: readonly string[]): void {
    for (const id of eventIds) {
      const key = `${account}#${id}`;
      const { lives = 0, contents = [] } = this.entries.get(key) ?? {};
      this.entries.set(key, { lives: lives + 1, contents });
    }
  }

  get eventCount(): number {
    return this.accepted.reduce((sum, { events }) => sum + events.length, 0);
  }
}
