// The client of Weir for Node and browsers.

import { type Environment, systemEnvironment } from './environment.ts';
import { settingsOf, type TrackedEvent, type WeirOptions } from './options.ts';
import { type Query, Reader } from './reading.ts';
import { Reports } from './reports.ts';
import { Sender } from './sender.ts';
import type {
  AcceptedBatch,
  EventsFound,
  Receipt,
  SearchQuery,
  Series,
  SeriesQuery,
  StoredEvent,
  Summary,
  SummaryQuery,
  Usage,
} from './wire.ts';

export type { BatchStore, StoredBatch } from './batch.ts';
export type { Accepted, Dropped, DropReason, Rejected, TrackedEvent, WeirOptions } from './options.ts';
export type { Refusal } from './outcome.ts';
export { WeirError } from './reading.ts';
export type * from './wire.ts';

/** How many events wait, and how many came to what end since the client was made. */
export type Stats = {
  readonly waiting: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly dropped: number;
};

export class Weir {
  readonly #reports: Reports;
  readonly #sender: Sender;
  readonly #reader: Reader;
  readonly #leave: () => void;
  readonly #environment: Environment;

  constructor(options: WeirOptions, environment: Environment = systemEnvironment()) {
    const settings = settingsOf(options, environment.page !== undefined);
    this.#environment = environment;
    this.#reports = new Reports(options);
    this.#sender = new Sender(settings, this.#reports, environment);
    this.#reader = new Reader({ ...settings, environment }, settings.retryBaseMs);
    this.#leave = () => this.#sender.leave();
    environment.page?.addEventListener('pagehide', this.#leave);
  }

  /** Takes an event to be sent with others. It never waits and never throws: callbacks tell what becomes of it. */
  track(event: TrackedEvent): void {
    this.#sender.add(event);
  }

  /** Sends what waits. Resolves once all of it has an outcome, or the time is up. It never rejects. */
  async flush({ timeoutMs }: { readonly timeoutMs?: number } = {}): Promise<Stats> {
    await this.#sender.settled(timeoutMs);
    return this.stats;
  }

  /** Flushes for so long, 10 s if not told otherwise, and then gives up what is left. It never rejects. */
  async close({ timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {}): Promise<Stats> {
    this.#environment.page?.removeEventListener('pagehide', this.#leave);
    await this.#sender.close(timeoutMs);
    return this.stats;
  }

  get stats(): Stats {
    return { ...this.#reports.counts, waiting: this.#sender.waiting };
  }

  /** The receipt of a batch that was accepted, once each of its events has an outcome. */
  delivered(
    batch: string | Pick<AcceptedBatch, 'batch_id'>,
    { timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {},
  ): Promise<Receipt> {
    return this.#reader.delivered(typeof batch === 'string' ? batch : batch.batch_id, timeoutMs);
  }

  summary(query: SummaryQuery = {}): Promise<Summary> {
    return this.#reader.getOfAccount('summary', query);
  }

  series(query: SeriesQuery): Promise<Series> {
    return this.#reader.getOfAccount('series', query);
  }

  usage(): Promise<Usage> {
    return this.#reader.get('/v1/usage');
  }

  /** Every event that matches, page by page as they are asked for. */
  async *search(query: SearchQuery = {}): AsyncGenerator<StoredEvent, void, undefined> {
    let cursor: string | undefined;
    do {
      const page: EventsFound = await this.#reader.get('/v1/events', { ...query, cursor } as Query);
      yield* page.events;
      cursor = page.next_cursor;
    } while (cursor !== undefined);
  }
}
