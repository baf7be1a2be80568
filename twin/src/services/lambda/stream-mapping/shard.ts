// Reads one shard to its end and hands each record to the batch processor of its partition key. Keeps the checkpoint:
// everything up to it is done.

import { createHash } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import { Waker } from '../../../core/waker.ts';
import { BatchProcessor, type BatchProcessorOptions, type BatchProcessorState } from './batch-processor.ts';
import type { StreamRecord } from './kinesis-event.ts';
import { Progress } from './progress.ts';
import type { ReadShard } from './shard-reader.ts';

export type ShardOptions = Omit<BatchProcessorOptions, 'finish'> & {
  /** How many batches may be with the function at once. */
  readonly parallelizationFactor: () => number;
  readonly read: ReadShard;
  readonly checkpoint: string | undefined;
  /** Everything up to this record, it included, is done with. */
  readonly keepCheckpoint: (sequenceNumber: string) => Promise<void>;
};

export type ShardState = {
  readonly state: 'open' | 'closing' | 'drained';
  readonly checkpoint: string | null;
  /** Read, and not done with. */
  readonly held_records: number;
  /** How long the oldest of them has waited. */
  readonly lag_ms: number;
  readonly lanes: readonly BatchProcessorState[];
};

/** As Lambda reads. What is put through the proxy is read at once, or with what was put just before it. */
const idleReadMs = 1000;
const afterFailureMs = 1000;
/** What is put within a tenth of the window, at most this long, is read together: nobody waits for a read of its own. */
const longestGatherMs = 100;
/** Read and not done with: past either bound nothing more is read, however far the other processors are. */
const maxHeld = { records: 10_000, bytes: 32 * 1024 * 1024 };

export class Shard {
  private readonly options: ShardOptions;
  private readonly clock: Clock;
  private readonly waker: Waker;
  /** Woken by nothing but the end. */
  private readonly gathering: Waker;
  private readonly progress: Progress;
  private processors: readonly BatchProcessor[];
  private puts = 0;
  private isClosed = false;
  private isDrained = false;

  constructor(options: ShardOptions) {
    this.options = options;
    this.clock = options.clock;
    this.waker = new Waker(options.clock, options.signal);
    this.gathering = new Waker(options.clock, options.signal);
    this.progress = new Progress(options.checkpoint);
    this.processors = this.makeProcessors();
  }

  get state(): ShardState {
    const { oldest, size, checkpoint } = this.progress;
    const arrivedMs = (oldest?.ApproximateArrivalTimestamp ?? this.clock.now() / 1000) * 1000;
    return {
      state: this.isDrained ? 'drained' : this.isClosed ? 'closing' : 'open',
      checkpoint: checkpoint ?? null,
      held_records: size.records,
      lag_ms: Math.max(0, Math.round(this.clock.now() - arrivedMs)),
      lanes: this.processors.map(({ state }) => state),
    };
  }

  /** There may be more to read. */
  wake(): void {
    this.puts += 1;
    this.waker.wakeAll();
  }

  /** It was split or merged: it takes no more records, and ends when it is read to its end. */
  close(): void {
    this.isClosed = true;
    this.waker.wakeAll();
  }

  /** Until all of a closed shard is done with, or the signal. */
  async run(): Promise<void> {
    const { signal } = this.options;
    while (!signal.aborted) {
      let isAtEnd = false;
      const { processors } = this;
      let left: readonly StreamRecord[] = [];
      const reading = async () => {
        isAtEnd = await this.read();
        if (!isAtEnd) left = processors.flatMap((processor) => processor.takeBack());
        for (const processor of processors) processor.close();
      };
      await Promise.all([reading(), ...processors.map((processor) => processor.run())]);
      if (isAtEnd) break;
      // A partition key falls to another one when their number is another: they begin when those before are done.
      this.processors = this.makeProcessors();
      this.distribute(left);
    }
    this.isDrained = !signal.aborted;
  }

  private makeProcessors(): readonly BatchProcessor[] {
    const { options } = this;
    return Array.from(
      { length: options.parallelizationFactor() },
      () => new BatchProcessor({ ...options, finish: (records) => this.finish(records) }),
    );
  }

  /** True at the end of a closed shard; false once there are to be more processors, or fewer. */
  private async read(): Promise<boolean> {
    const { signal, settings, parallelizationFactor } = this.options;
    const gatherMs = Math.min(settings.windowMs / 10, longestGatherMs);
    while (!signal.aborted && parallelizationFactor() === this.processors.length) {
      const { records, bytes } = this.progress.size;
      if (this.options.isPaused() || records >= maxHeld.records || bytes >= maxHeld.bytes) {
        await this.waker.wait(idleReadMs);
        continue;
      }
      // Asked before: what is empty when it is known to be closed stays so.
      const { isClosed, puts } = this;
      const limit = Math.min(settings.batchSize, maxHeld.records - records);
      const next = await this.readOrReport(limit, isClosed);
      if (next === undefined) return true;
      if (next.length > 0) {
        this.handOut(next);
        if (next.length < limit && gatherMs > 0) await this.gathering.wait(gatherMs);
      } else if (!isClosed && !this.isClosed && puts === this.puts) await this.waker.wait(idleReadMs);
    }
    return false;
  }

  private async readOrReport(limit: number, isClosed: boolean): Promise<readonly StreamRecord[] | undefined> {
    const { read, settings, shardId, report, meter } = this.options;
    try {
      const records = await read(limit, isClosed);
      meter.events('PolledEventCount', records?.length ?? 0);
      return records;
    } catch (error) {
      // As Lambda's poller does, it retries until the stream answers.
      report(`${settings.id}: ${shardId} cannot be read: ${(error as Error).message}`);
      await this.waker.wait(afterFailureMs);
      return [];
    }
  }

  private handOut(records: readonly StreamRecord[]): void {
    this.progress.read(records);
    this.distribute(records);
  }

  private distribute(records: readonly StreamRecord[]): void {
    const byProcessor = Map.groupBy(records, ({ PartitionKey }) =>
      processorFor(PartitionKey, this.processors.length),
    );
    for (const [index, some] of byProcessor) this.processors[index]?.push(some);
  }

  private async finish(records: readonly StreamRecord[]): Promise<void> {
    const moved = this.progress.finish(records);
    this.waker.wakeAll();
    const { checkpoint } = this.progress;
    if (moved && checkpoint !== undefined) await this.options.keepCheckpoint(checkpoint);
  }
}

function processorFor(partitionKey: string, processors: number): number {
  return processors === 1 ? 0 : createHash('md5').update(partitionKey).digest().readUInt32BE() % processors;
}
