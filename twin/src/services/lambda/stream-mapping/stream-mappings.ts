// The template's event source mappings on Kinesis and on tables, with their checkpoints on disk.

import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../core/clock.ts';
import type { Invoker } from '../../../core/invocation.ts';
import type { MetricSink } from '../../../core/metric-sink.ts';
import type { AwsAnswer, Next, Step } from '../../../core/proxy/aws-call.ts';
import { jsonBody } from '../../../core/proxy/json-body.ts';
import { createOwnCalls } from '../../../core/proxy/own-calls.ts';
import type { Startable } from '../../../core/start-in-phases.ts';
import { StoredJson } from '../../../core/stored-json.ts';
import { DamagedData } from '../../../core/unusable-data.ts';
import type { DeliveryFaults } from '../../../faults/delivery-faults.ts';
import type { Template } from '../../../template/template.ts';
import type { MappingControl } from '../mapping-control.ts';
import { kinesisSource } from './kinesis-source.ts';
import { type MappingSettings, readMappings } from './mapping-settings.ts';
import { type MappingState, StreamMapping } from './stream-mapping.ts';
import { tableSource } from './table-source.ts';

export type StreamMappingsOptions = {
  readonly template: Template;
  /** Through the proxy: what a mapping asks of AWS is counted as `<function>-mapping`. */
  readonly send: Next;
  readonly functions: Invoker;
  readonly faults: DeliveryFaults;
  readonly clock: Clock;
  readonly metrics: MetricSink;
  /** Where checkpoints are kept; absent: in memory. */
  readonly folder: string | undefined;
  /** Whether the stream reaches as far as a checkpoint says. */
  readonly holdsRecord: (streamName: string, shardId: string, sequenceNumber: string) => Promise<boolean>;
  readonly longestWindowMs?: number | undefined;
  readonly report: (problem: string) => void;
};

/** What is still running then is abandoned: it will be delivered again. */
const graceMs = 2000;
const putOperations = new Set(['PutRecord', 'PutRecords']);

/** Of PutRecord, or of PutRecords. */
type PutAnswer = { readonly ShardId?: string; readonly Records?: readonly { readonly ShardId?: string }[] };

export class StreamMappings implements Startable {
  readonly name = 'the event source mappings of streams';
  private readonly options: StreamMappingsOptions;
  private readonly stop = new AbortController();
  private readonly mappings = new Map<string, StreamMapping>();
  private readonly running: Promise<void>[] = [];
  private isOver = false;

  constructor(options: StreamMappingsOptions) {
    this.options = options;
    // Every shard and each of its batch processors waits for the end.
    setMaxListeners(0, this.stop.signal);
  }

  /** By logical id. */
  readonly state = (): Readonly<Record<string, MappingState>> =>
    Object.fromEntries([...this.mappings].map(([id, { state }]) => [id, state]));

  controls(): readonly MappingControl[] {
    return [...this.mappings.values()].map((mapping) => mapping.control());
  }

  /** What is put into a stream is read as soon as the stream has it. */
  readonly step: Step = async (call, next) => {
    const answer = await next(call);
    if (call.service === 'kinesis' && putOperations.has(call.operation)) this.wake(answer);
    return answer;
  };

  async start(): Promise<void> {
    try {
      for (const settings of readMappings(this.options.template, this.options.longestWindowMs))
        await this.startMapping(settings);
    } catch (error) {
      // A part that fails to start is not ended by others.
      await this.end();
      throw error;
    }
  }

  async end(): Promise<void> {
    this.stop.abort();
    const grace = new AbortController();
    const patience = sleep(graceMs, undefined, { signal: grace.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.running), patience]);
    grace.abort();
    this.isOver = true;
  }

  private async startMapping(settings: MappingSettings): Promise<void> {
    const { send, functions, faults, clock, metrics, folder } = this.options;
    const functionLabel = this.options.template.labelOf(settings.functionName);
    const calls = createOwnCalls(send, `${functionLabel}-mapping`);
    const source =
      settings.kind === 'table' ? tableSource(settings, calls, clock) : kinesisSource(settings, calls);
    // The file is of this very stream: one that was made anew under the same name has other sequence numbers.
    const { made, retentionMs } = await source.describe();
    const name = `${settings.id}-${settings.streamName}-${made}.json`;
    const file = folder === undefined ? undefined : join(folder, name);
    const checkpoints = new StoredJson<Readonly<Record<string, string>>>({}, file);
    await checkpoints.load();
    for (const [shardId, checkpoint] of Object.entries(checkpoints.value))
      if (
        settings.kind === 'stream' &&
        !(await this.options.holdsRecord(settings.streamName, shardId, checkpoint))
      )
        throw new DamagedData(
          `The stream ${settings.streamName}`,
          `${settings.id} was further in ${shardId} than the shard now goes`,
        );
    const mapping = new StreamMapping({
      settings,
      functionLabel,
      calls,
      source,
      functions,
      faults,
      clock,
      metrics,
      retentionMs,
      checkpoints,
      report: (problem) => this.report(problem),
      signal: this.stop.signal,
      isOver: () => this.isOver,
    });
    this.mappings.set(settings.id, mapping);
    this.running.push(mapping.run());
  }

  /** Other streams have shards of the same ids: to look into one in vain does no harm. */
  private wake({ body }: AwsAnswer): void {
    const answer = jsonBody(body) as PutAnswer | undefined;
    const puts = answer?.Records ?? [answer];
    const shardIds = new Set(puts.flatMap((put) => put?.ShardId ?? []));
    for (const mapping of this.mappings.values()) mapping.wake(shardIds);
  }

  /** What the end interrupts is no problem. */
  private report(problem: string): void {
    if (!this.stop.signal.aborted) this.options.report(problem);
  }
}
