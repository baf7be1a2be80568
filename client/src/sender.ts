// From events that wait to batches that have an outcome. Whatever fails, each event ends in exactly one callback.

import { type Batch, batchOf, bodyOf, bytesAround, bytesOf } from './batch.ts';
import { deliver, Patience } from './delivery.ts';
import type { Environment } from './environment.ts';
import { postBeforeLeaving, type Server } from './http.ts';
import type { DropReason, Settings, TrackedEvent } from './options.ts';
import { Queue } from './queue.ts';
import type { Reports } from './reports.ts';

type Fate = {
  /** Whether the store keeps it. */
  readonly saved: Promise<boolean>;
  readonly settled: Promise<void>;
  readonly settle: () => void;
};

/** Browsers send at most 64 KiB for pages that leave, headers included. */
const leavingBytes = 60_000;

export class Sender {
  readonly #queue: Queue;
  readonly #server: Server;
  readonly #settings: Settings;
  readonly #environment: Environment;
  readonly #reports: Reports;
  readonly #patience = new Patience();
  readonly #stop = new AbortController();
  /** What has no outcome yet. */
  readonly #unsettled = new Map<Batch, Fate>();
  readonly #restored: Promise<void>;
  #isRestored = false;
  #running = 0;
  #isClosed = false;
  #cancelCut: (() => void) | undefined;

  constructor(settings: Settings, reports: Reports, environment: Environment) {
    this.#settings = settings;
    this.#reports = reports;
    this.#environment = environment;
    this.#server = { ...settings, environment };
    this.#queue = new Queue(settings);
    this.#restored = this.#restore();
  }

  get waiting(): number {
    return this.#queue.events;
  }

  /** Never throws, and waits for nothing. */
  add(event: TrackedEvent): void {
    const json = this.#jsonOf(event);
    const reason = json === undefined ? 'not_json' : this.#refuse(json);
    if (reason) this.#reports.dropped({ reason, events: [event], mayBeStored: false });
  }

  #jsonOf(event: TrackedEvent): string | undefined {
    try {
      return JSON.stringify({ ...event, timestamp: event.timestamp ?? this.#environment.nowMs() });
    } catch {
      return undefined;
    }
  }

  /** Takes the event, unless it says why not. */
  #refuse(json: string): DropReason | undefined {
    const bytes = bytesOf(json);
    if (this.#isClosed) return 'closed';
    if (bytes + bytesAround(1) > this.#settings.maxBatchBytes) return 'too_large';
    while (!this.#queue.fits(bytes)) {
      const oldest = this.#queue.dropOldest();
      if (!oldest) return 'full';
      if ('key' in oldest) void this.#end(oldest);
      this.#reports.full('key' in oldest ? oldest : { events: [oldest.json], unanswered: 0 });
    }
    if (!this.#queue.fitsBatch(bytes)) this.cut();
    this.#queue.add({ json, bytes });
    if (this.#queue.isFilled) this.cut();
    else this.#cancelCut ??= this.#environment.after(this.#settings.flushAfterMs, () => this.cut());
    return undefined;
  }

  /** Ends the batch that is being filled, so that it is stored and sent. */
  cut(): void {
    this.#cancelCut?.();
    this.#cancelCut = undefined;
    if (!this.#queue.isFilling) return;
    const batch = this.#queue.cut(this.#environment.newKey(), this.#environment.nowMs());
    this.#follow(batch, this.#save(batch));
    this.#pump();
  }

  /** Resolves once all that was added before has an outcome, or the time is up. */
  async settled(timeoutMs?: number): Promise<void> {
    this.cut();
    let cancel: (() => void) | undefined;
    const late = new Promise<void>((resolve) => {
      if (timeoutMs !== undefined) cancel = this.#environment.after(timeoutMs, resolve);
    });
    const all = this.#restored.then(() =>
      Promise.all([...this.#unsettled.values()].map(({ settled }) => settled)),
    );
    await Promise.race([all, late]);
    cancel?.();
  }

  /** What a store keeps is sent by the next process that opens it. The rest is reported. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    await this.settled(timeoutMs);
    this.#stop.abort();
    const left = [...this.#unsettled.keys()].map((batch) => ({ batch, fate: this.#take(batch) }));
    for (const { batch, fate } of left) {
      if (!(await fate?.saved)) this.#reports.closed(batch);
      fate?.settle();
    }
  }

  /** Of a page that leaves: one more request for what has no outcome. The keys make it safe if the page lives on. */
  leave(): void {
    this.cut();
    let bytes = 0;
    for (const batch of this.#unsettled.keys()) {
      const batchBytes = batch.bytes + bytesAround(batch.events.length);
      if (bytes + batchBytes > leavingBytes) continue;
      bytes += batchBytes;
      batch.unanswered += 1;
      postBeforeLeaving(this.#server, bodyOf(batch), batch.key).catch(() => undefined);
    }
  }

  async #restore(): Promise<void> {
    try {
      const left = ((await this.#settings.store?.load()) ?? []).map((stored) => batchOf(stored, 1));
      this.#queue.restore(left);
      for (const batch of left) this.#follow(batch, Promise.resolve(true));
    } catch (error) {
      this.#reports.storeFailed(error);
    }
    this.#isRestored = true;
    this.#pump();
  }

  async #save(batch: Batch): Promise<boolean> {
    const { store } = this.#settings;
    if (!store) return false;
    try {
      await store.put(batch);
      return true;
    } catch (error) {
      this.#reports.storeFailed(error);
      return false;
    }
  }

  #follow(batch: Batch, saved: Promise<boolean>): void {
    let settle = () => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    this.#unsettled.set(batch, { saved, settled, settle });
  }

  #pump(): void {
    while (this.#isRestored && !this.#stop.signal.aborted && this.#running < this.#settings.concurrency) {
      const batch = this.#queue.takeUnsent();
      if (!batch) return;
      this.#running += 1;
      this.#send(batch).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }

  async #send(batch: Batch): Promise<void> {
    // On disk first: after a crash, the request must be repeated under the key that it had.
    await this.#unsettled.get(batch)?.saved;
    const final = await deliver(batch, {
      server: this.#server,
      settings: this.#settings,
      patience: this.#patience,
      stop: this.#stop.signal,
    });
    if (final.kind === 'stopped' || !this.#unsettled.has(batch)) return;
    if (final.kind === 'halves') await this.#sendHalves(batch, final.halves);
    else {
      this.#reports.ended(batch, final);
      await this.#end(batch);
    }
  }

  async #sendHalves(whole: Batch, halves: readonly Batch[]): Promise<void> {
    const fate = this.#take(whole);
    for (const half of halves) {
      this.#queue.hold(half);
      this.#follow(half, this.#save(half));
    }
    // The halves are on disk before the whole is gone.
    for (const half of halves) await this.#unsettled.get(half)?.saved;
    await this.#remove(whole, fate);
    for (const half of halves) await this.#send(half);
    // Who waits for the whole waits for its halves.
    fate?.settle();
  }

  /** It has its outcome: no process sends it again. */
  async #end(batch: Batch): Promise<void> {
    const fate = this.#take(batch);
    await this.#remove(batch, fate);
    fate?.settle();
  }

  #take(batch: Batch): Fate | undefined {
    const fate = this.#unsettled.get(batch);
    if (this.#unsettled.delete(batch)) this.#queue.settle(batch);
    return fate;
  }

  async #remove(batch: Batch, fate: Fate | undefined): Promise<void> {
    try {
      if (await fate?.saved) await this.#settings.store?.remove(batch);
    } catch (error) {
      this.#reports.storeFailed(error);
    }
  }
}
