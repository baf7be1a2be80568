// The template's event source mappings on Kinesis: one poller a shard, and how far each has got, on disk.
// Bisecting, limits of attempts and age, and on-failure destinations are not modelled yet: nothing is skipped.

import { Agent } from 'node:http';
import { join } from 'node:path';
import { callEngine } from './engines/engine-call.ts';
import type { Invoker } from './functions/functions.ts';
import { type MappingSettings, readMappings } from './mapping/mapping-settings.ts';
import { pause } from './mapping/pause.ts';
import { pollShard } from './mapping/shard-poller.ts';
import { createShardReader } from './mapping/shard-reader.ts';
import type { Service } from './service.ts';
import { StoredJson } from './stored-json.ts';
import type { System } from './template/system.ts';

export type EventSourceMappingsOptions = {
  readonly system: () => System;
  readonly kinesisEndpoint: () => string;
  readonly functions: Invoker;
  /** Where checkpoints are kept; absent: in memory. */
  readonly folder: string | undefined;
  readonly report: (problem: string) => void;
};

/** What is still running then is abandoned: it will be delivered again. */
const graceMs = 2000;

export class EventSourceMappings implements Service {
  readonly name = 'the event source mappings';
  private readonly options: EventSourceMappingsOptions;
  private readonly stop = new AbortController();
  private readonly agent = new Agent({ keepAlive: true });
  private readonly pollers: Promise<void>[] = [];

  constructor(options: EventSourceMappingsOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    for (const settings of readMappings(this.options.system())) await this.startMapping(settings);
  }

  async end(): Promise<void> {
    this.stop.abort();
    const grace = new AbortController();
    await Promise.race([Promise.all(this.pollers), pause(graceMs, grace.signal)]);
    grace.abort();
    this.agent.destroy();
  }

  private async startMapping(settings: MappingSettings): Promise<void> {
    const { kinesisEndpoint, functions, folder, report } = this.options;
    const endpoint = kinesisEndpoint();
    const { StreamDescription } = await callEngine<{
      StreamDescription: { StreamCreationTimestamp: number; Shards: readonly { ShardId: string }[] };
    }>(endpoint, 'kinesis', 'DescribeStream', { StreamName: settings.streamName });
    // Of this very stream: one that was made anew under the same name has other sequence numbers.
    const made = Math.round(StreamDescription.StreamCreationTimestamp * 1000);
    const name = `${settings.id}-${settings.streamName}-${made}.json`;
    const file = folder === undefined ? undefined : join(folder, name);
    const checkpoints = new StoredJson<Readonly<Record<string, string>>>({}, file);
    await checkpoints.load();
    for (const { ShardId } of StreamDescription.Shards) {
      const after = checkpoints.value[ShardId];
      const poller = pollShard({
        settings,
        shardId: ShardId,
        reader: createShardReader(endpoint, settings.streamName, ShardId, after, this.agent),
        functions,
        checkpoint: (sequenceNumber) =>
          checkpoints.replace({ ...checkpoints.value, [ShardId]: sequenceNumber }),
        report: (problem) => {
          if (!this.stop.signal.aborted) report(problem);
        },
        signal: this.stop.signal,
      });
      this.pollers.push(
        poller.catch((error: Error) => report(`${settings.id}: ${ShardId} is fed no more: ${error.stack}`)),
      );
    }
  }
}
