// Delivers the records of a shard whose partition keys fall to it, in order: batches by size and window, the next one
// only when the last is done. A shard has as many processors as its mapping's parallelization factor.

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import type { Invoker } from '../../../core/invocation.ts';
import { Waker } from '../../../core/waker.ts';
import { type DeliveryFaults, deliver } from '../../../faults/delivery-faults.ts';
import type { MappingMeter } from '../mapping-metrics.ts';
import type { Reason } from './failure-record.ts';
import { countThatFits, type StreamRecord } from './kinesis-event.ts';
import type { MappingSettings } from './mapping-settings.ts';
import { type NextSteps, nextSteps, type Outcome, type Work } from './next-steps.ts';
import { tryRecords, worse } from './try-records.ts';

export type BatchProcessorOptions = {
  readonly settings: MappingSettings;
  readonly functionLabel: string;
  readonly shardId: string;
  readonly functions: Invoker;
  readonly faults: DeliveryFaults;
  readonly clock: Clock;
  /** Older records are discarded: by the mapping, or because the stream no longer retains them. */
  readonly maxAgeMs: () => number;
  /** In order. */
  readonly finish: (records: readonly StreamRecord[]) => Promise<void>;
  /** True when discarded records are at their destination, or have none; false where the end came first. */
  readonly discard: (work: Work, reason: Reason) => Promise<boolean>;
  readonly count: (what: 'deliveries' | 'failures') => void;
  readonly meter: MappingMeter;
  /** While the mapping is disabled. */
  readonly isPaused: () => boolean;
  readonly report: (problem: string) => void;
  readonly signal: AbortSignal;
};

export type BatchProcessorState = {
  /** Records that wait: for a full batch, for a retry, or for the end of a stop. */
  readonly queued: number;
  /** Records that are with the function. */
  readonly in_flight: number;
  readonly retries: number;
  readonly last_failure: string | null;
};

const firstPauseMs = 100;
const longestPauseMs = 5000;
const stoppedLookMs = 50;

export class BatchProcessor {
  private readonly options: BatchProcessorOptions;
  private readonly waker: Waker;
  private queue: { readonly record: StreamRecord; readonly sinceMs: number }[] = [];
  private ending = false;
  /** What is left of the batch in process: what is tried now, and what after it. */
  private todo: readonly Work[] = [];
  private inFlight = 0;
  private lastFailure: string | null = null;

  constructor(options: BatchProcessorOptions) {
    this.options = options;
    this.waker = new Waker(options.clock, options.signal);
  }

  get state(): BatchProcessorState {
    const taken = this.todo.reduce((sum, { records }) => sum + records.length, 0);
    return {
      queued: this.queue.length + taken - this.inFlight,
      in_flight: this.inFlight,
      retries: this.todo[0]?.retries ?? 0,
      last_failure: this.lastFailure,
    };
  }

  push(records: readonly StreamRecord[]): void {
    const sinceMs = this.options.clock.elapsed();
    this.queue.push(...records.map((record) => ({ record, sinceMs })));
    this.waker.wakeAll();
  }

  /** What it has not begun with, in order. */
  takeBack(): readonly StreamRecord[] {
    return this.queue.splice(0).map(({ record }) => record);
  }

  /** Nothing more is pushed: a batch need not become full any more. */
  close(): void {
    this.ending = true;
    this.waker.wakeAll();
  }

  /** Until it was closed and all is done with, or the signal. */
  async run(): Promise<void> {
    while (!this.options.signal.aborted) {
      const batch = this.takeBatch();
      if (batch.length > 0) await this.process(batch);
      else if (this.ending && this.queue.length === 0) return;
      else await this.waker.wait(this.windowLeftMs());
    }
  }

  private takeBatch(): readonly StreamRecord[] {
    const { batchSize } = this.options.settings;
    const candidates = this.queue.slice(0, batchSize + 1).map(({ record }) => record);
    const count = countThatFits(candidates, batchSize);
    const isFull = count === batchSize || count < candidates.length;
    if (!isFull && !this.ending && this.windowLeftMs() > 0) return [];
    return this.queue.splice(0, count).map(({ record }) => record);
  }

  private windowLeftMs(): number {
    const [first] = this.queue;
    if (first === undefined) return idleMs;
    return first.sinceMs + this.options.settings.windowMs - this.options.clock.elapsed();
  }

  private async process(batch: readonly StreamRecord[]): Promise<void> {
    const { finish, discard, signal } = this.options;
    this.todo = [{ records: batch, retries: 0, invocations: 0 }];
    let pauseMs = firstPauseMs;
    for (let [work, ...later] = this.todo; work !== undefined; [work, ...later] = this.todo) {
      const attempt = await this.attempt(work);
      if (attempt === undefined) return;
      const { next, reason } = attempt;
      // Done is done, also when the end has come meanwhile.
      if (next.doneCount > 0) await finish(work.records.slice(0, next.doneCount));
      if (signal.aborted) return;
      if (next.discarded !== undefined) {
        if (!(await discard(next.discarded, reason))) return;
        await finish(next.discarded.records);
      }
      this.todo = [...next.work, ...later];
      if (next.repeats) {
        this.logRepetition(next, pauseMs);
        await this.waker.wait(pauseMs);
      }
      pauseMs = next.repeats ? Math.min(pauseMs * 2, longestPauseMs) : firstPauseMs;
    }
  }

  /** Undefined where the end came before a try. */
  private async attempt(
    work: Work,
  ): Promise<{ readonly next: NextSteps; readonly reason: Reason } | undefined> {
    const { settings, signal } = this.options;
    await this.waitWhileStopped();
    if (signal.aborted) return undefined;
    const requestId = randomUUID();
    const oldCount = this.countTooOld(work.records);
    if (oldCount > 0) {
      const old = { ...work, records: work.records.slice(0, oldCount) };
      const young = { ...work, records: work.records.slice(oldCount) };
      return {
        next: { doneCount: 0, discarded: old, work: young.records.length > 0 ? [young] : [], repeats: false },
        reason: { condition: 'RecordAgeExceeded', requestId, outcome: undefined },
      };
    }
    const outcome = await this.deliver(work.records, requestId);
    this.lastFailure = outcome.kind === 'succeeded' ? null : outcome.reason;
    return {
      next: nextSteps(work, outcome, settings.retry),
      reason: { condition: 'RetryAttemptsExhausted', requestId, outcome },
    };
  }

  private async deliver(records: readonly StreamRecord[], requestId: string): Promise<Outcome> {
    const { functions, settings, shardId, faults, functionLabel, count } = this.options;
    const once = async () => {
      const sentAtMs = this.options.clock.now();
      const outcome = await tryRecords(functions, settings, shardId, records, requestId);
      this.measure(records, outcome, sentAtMs);
      count('deliveries');
      if (outcome.kind !== 'succeeded') count('failures');
      return outcome;
    };
    this.inFlight = records.length;
    try {
      return await deliver(faults, functionLabel, once, worse);
    } finally {
      this.inFlight = 0;
    }
  }

  /** What Lambda could not call the function with was not sent: its age is not told. */
  private measure(records: readonly StreamRecord[], outcome: Outcome, sentAtMs: number): void {
    const { meter } = this.options;
    const doneCount = doneCountOf(records, outcome);
    if (outcome.kind !== 'not-invoked') {
      const arrivedMs = (records.at(-1)?.ApproximateArrivalTimestamp ?? 0) * 1000;
      meter.sent(Math.max(0, sentAtMs - arrivedMs));
      meter.events('InvokedEventCount', records.length);
    }
    if (doneCount < records.length) meter.events('FailedInvokeEventCount', records.length - doneCount);
  }

  private async waitWhileStopped(): Promise<void> {
    const { faults, functionLabel, isPaused, signal } = this.options;
    while ((isPaused() || faults.isStopped(functionLabel)) && !signal.aborted)
      await this.waker.wait(stoppedLookMs);
  }

  private countTooOld(records: readonly StreamRecord[]): number {
    const oldestMs = this.options.clock.now() - this.options.maxAgeMs();
    const count = records.findIndex(
      ({ ApproximateArrivalTimestamp }) => ApproximateArrivalTimestamp * 1000 >= oldestMs,
    );
    return count === -1 ? records.length : count;
  }

  private logRepetition({ work }: NextSteps, pauseMs: number): void {
    const { settings, shardId, report } = this.options;
    const count = work[0]?.records.length ?? 0;
    report(
      `${settings.id}: ${shardId}: ${this.lastFailure}; ${renderRecordCount(count)} tried again in ${pauseMs} ms`,
    );
  }
}

function doneCountOf(records: readonly StreamRecord[], outcome: Outcome): number {
  if (outcome.kind === 'succeeded') return records.length;
  return outcome.kind === 'partly-failed' ? outcome.firstFailed : 0;
}

/** As a sentence begins. */
export function renderRecordCount(count: number): string {
  return count === 1 ? '1 record is' : `${count} records are`;
}

/** With nothing queued there is nothing to wait for but a push. */
const idleMs = 3_600_000;
