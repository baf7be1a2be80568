// One event source mapping: finds the shards of its stream, reads each once its parents are drained, and keeps their
// checkpoints.

import type { Clock } from '../../../core/clock.ts';
import type { Invoker } from '../../../core/invocation.ts';
import type { MetricSink } from '../../../core/metric-sink.ts';
import { createMessenger } from '../../../core/proxy/messenger.ts';
import type { OwnCalls } from '../../../core/proxy/own-calls.ts';
import type { StoredJson } from '../../../core/stored-json.ts';
import { Waker } from '../../../core/waker.ts';
import type { DeliveryFaults } from '../../../faults/delivery-faults.ts';
import type { MappingControl } from '../mapping-control.ts';
import { createMappingMeter, type MappingMeter } from '../mapping-metrics.ts';
import { renderRecordCount } from './batch-processor.ts';
import { send } from './destination.ts';
import { failureRecord, type Reason } from './failure-record.ts';
import { isClosed, readable } from './lineage.ts';
import type { MappingSettings } from './mapping-settings.ts';
import type { Work } from './next-steps.ts';
import type { RecordSource } from './record-source.ts';
import { Shard, type ShardState } from './shard.ts';

export type StreamMappingOptions = {
  readonly settings: MappingSettings;
  readonly functionLabel: string;
  readonly calls: OwnCalls;
  readonly source: RecordSource;
  readonly functions: Invoker;
  readonly faults: DeliveryFaults;
  readonly clock: Clock;
  readonly metrics: MetricSink;
  readonly retentionMs: number;
  /** By shard. */
  readonly checkpoints: StoredJson<Readonly<Record<string, string>>>;
  readonly report: (problem: string) => void;
  readonly signal: AbortSignal;
  /** The end has come, and what is still running was abandoned. */
  readonly isOver: () => boolean;
};

export type MappingState = {
  readonly stream: string;
  readonly function: string;
  readonly enabled: boolean;
  /** Batches delivered since the start, those that failed wholly or in part, and records discarded. */
  readonly deliveries: number;
  readonly failures: number;
  readonly discarded_records: number;
  readonly shards: Readonly<Record<string, ShardState>>;
};

const lookForShardsMs = 1000;
const afterFailureMs = 1000;

export class StreamMapping {
  private readonly options: StreamMappingOptions;
  private readonly waker: Waker;
  private readonly meter: MappingMeter;
  private enabled: boolean;
  private maxAgeMs: number;
  private parallelizationFactor: number;
  private readonly shards = new Map<string, Shard>();
  private readonly running: Promise<void>[] = [];
  private readonly counts = { deliveries: 0, failures: 0, discarded_records: 0 };

  constructor(options: StreamMappingOptions) {
    this.options = options;
    this.waker = new Waker(options.clock, options.signal);
    const { settings } = options;
    this.meter = createMappingMeter(settings, { ...options, functionName: settings.functionName });
    this.enabled = settings.isEnabled;
    this.maxAgeMs = settings.maxAgeMs;
    this.parallelizationFactor = settings.parallelizationFactor;
  }

  get state(): MappingState {
    const { streamName } = this.options.settings;
    const shards = Object.fromEntries([...this.shards].map(([id, { state }]) => [id, state]));
    const { functionLabel } = this.options;
    return { stream: streamName, function: functionLabel, enabled: this.enabled, ...this.counts, shards };
  }

  readonly control = (): MappingControl => {
    const { settings } = this.options;
    const setEnabled = (isEnabled: boolean) => this.setEnabled(isEnabled);
    return {
      uuid: settings.uuid,
      functionArn: settings.functionArn,
      eventSourceArn: settings.streamArn,
      batchSize: settings.batchSize,
      windowMs: settings.windowMs,
      isEnabled: this.enabled,
      stream: { parallelizationFactor: this.parallelizationFactor, maxAgeMs: this.maxAgeMs },
      setEnabled,
      setMaxAgeMs: (maxAgeMs) => {
        this.maxAgeMs = maxAgeMs;
      },
      setParallelizationFactor: (factor) => {
        this.parallelizationFactor = factor;
        this.wakeAll();
      },
    };
  };

  /** There is more to read in these shards. */
  wake(shardIds: ReadonlySet<string>): void {
    for (const shardId of shardIds) this.shards.get(shardId)?.wake();
  }

  /** Until the signal. */
  async run(): Promise<void> {
    const { signal, report, settings } = this.options;
    while (!signal.aborted) {
      try {
        if (this.enabled) await this.lookForShards();
      } catch (error) {
        report(`${settings.id}: the shards cannot be listed: ${(error as Error).message}`);
      }
      await this.waker.wait(lookForShardsMs);
    }
    await Promise.all(this.running);
  }

  private async lookForShards(): Promise<void> {
    const shards = await this.options.source.listShards();
    for (const { ShardId } of readable(shards, (id) => this.shards.get(id)?.state.state === 'drained'))
      if (!this.shards.has(ShardId)) this.start(ShardId);
    for (const shard of shards) if (isClosed(shard)) this.shards.get(shard.ShardId)?.close();
  }

  /** What was read before stays where it is, and is not sent until it is enabled again. */
  private setEnabled(isEnabled: boolean): void {
    this.enabled = isEnabled;
    this.wakeAll();
  }

  private wakeAll(): void {
    this.waker.wakeAll();
    for (const shard of this.shards.values()) shard.wake();
  }

  private start(shardId: string): void {
    const { settings, source, checkpoints, retentionMs, report } = this.options;
    const checkpoint = checkpoints.value[shardId];
    const shard = new Shard({
      ...this.options,
      shardId,
      maxAgeMs: () => Math.min(this.maxAgeMs, retentionMs),
      parallelizationFactor: () => this.parallelizationFactor,
      read: source.reader(shardId, checkpoint, (count) => this.filtered(count)),
      meter: this.meter,
      isPaused: () => !this.enabled,
      checkpoint,
      keepCheckpoint: (sequenceNumber) => this.keepCheckpoint(shardId, sequenceNumber),
      discard: (work, reason) => this.discard(shardId, work, reason),
      count: (what) => {
        this.counts[what] += 1;
      },
    });
    this.shards.set(shardId, shard);
    const run = shard.run().then(
      // Its children's turn has come.
      () => this.waker.wakeAll(),
      (error: Error) => report(`${settings.id}: ${shardId} is read no more: ${error.stack}`),
    );
    this.running.push(run);
  }

  private filtered(count: number): void {
    this.meter.events('PolledEventCount', count);
    this.meter.events('FilteredOutEventCount', count);
  }

  /** A checkpoint that cannot be written is written with the next one. Until then a restart delivers more again. */
  private async keepCheckpoint(shardId: string, sequenceNumber: string): Promise<void> {
    const { checkpoints, settings, report, isOver } = this.options;
    // A later start may go on from the file already, and must not be set back.
    if (isOver()) return;
    try {
      await checkpoints.replace({ ...checkpoints.value, [shardId]: sequenceNumber });
    } catch (error) {
      report(`${settings.id}: the position in ${shardId} cannot be kept: ${(error as Error).message}`);
    }
  }

  /** Sending to the on-failure destination is retried until the twin ends: an accepted record is not lost. */
  private async discard(shardId: string, work: Work, reason: Reason): Promise<boolean> {
    const { settings, calls, clock, report, signal } = this.options;
    const { onFailure, id } = settings;
    const count = work.records.length;
    this.counts.discarded_records += count;
    const record = failureRecord(settings, shardId, work, reason, clock.now());
    const where = onFailure === undefined ? 'nowhere: there is no on-failure destination' : onFailure.arn;
    report(`${id}: ${shardId}: ${renderRecordCount(count)} discarded (${reason.condition}), to ${where}`);
    if (onFailure === undefined) {
      this.meter.events('DroppedEventCount', count);
      return true;
    }
    while (!signal.aborted) {
      try {
        await send(createMessenger(calls), onFailure, record);
        this.meter.events('OnFailureDestinationDeliveredEventCount', count);
        return true;
      } catch (error) {
        this.meter.deliveryFailed();
        report(`${id}: ${onFailure.arn} cannot be written: ${(error as Error).message}`);
        await this.waker.wait(afterFailureMs);
      }
    }
    return false;
  }
}
