// Makes the template's streams in the engine, those that are not there yet, and sets how long all keep records.

import { setTimeout as sleep } from 'node:timers/promises';
import { callEngine } from '../../core/engine-call.ts';
import { StaleData } from '../../core/unusable-data.ts';
import type { Resource, Template } from '../../template/template.ts';

/**
 * The engine has no on-demand mode: such a stream gets as many shards as take the 4 MB and 4,000 records a second that
 * AWS gives a new one, and does not grow. https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
 */
const onDemandShards = 4;

type StreamProperties = {
  readonly StreamModeDetails?: { readonly StreamMode?: string };
  readonly ShardCount?: number;
  readonly RetentionPeriodHours?: number;
};

export async function createStreams(template: Template, endpoint: string): Promise<void> {
  const ask = <Answer>(operation: string, input: object) =>
    callEngine<Answer>(endpoint, 'kinesis', operation, input);
  // Read also where the stream is there already: the start reports what of a template was not read.
  const streams = template.resources('AWS::Kinesis::Stream').map(readStream);
  const { StreamNames } = await ask<{ StreamNames: readonly string[] }>('ListStreams', {});
  for (const { StreamName, isOnDemand, ShardCount, RetentionPeriodHours } of streams) {
    if (!StreamNames.includes(StreamName)) await ask('CreateStream', { StreamName, ShardCount });
    const current = await describeActive(StreamName, endpoint);
    if (!isOnDemand && wasNeverResharded(current) && current.Shards.length !== ShardCount)
      throw new StaleData(
        `stream ${StreamName}`,
        `it had ${current.Shards.length} shards, and has now ${ShardCount}`,
      );
    if (RetentionPeriodHours === current.RetentionPeriodHours) continue;
    const verb = RetentionPeriodHours > current.RetentionPeriodHours ? 'Increase' : 'Decrease';
    await ask(`${verb}StreamRetentionPeriod`, { StreamName, RetentionPeriodHours });
  }
}

function readStream({ name, properties }: Resource) {
  const { StreamModeDetails, ShardCount, RetentionPeriodHours = 24 } = properties as StreamProperties;
  const isOnDemand = StreamModeDetails?.StreamMode === 'ON_DEMAND' || ShardCount === undefined;
  return {
    StreamName: name,
    isOnDemand,
    ShardCount: isOnDemand ? onDemandShards : Number(ShardCount),
    RetentionPeriodHours: Number(RetentionPeriodHours),
  };
}

type StreamDescription = {
  readonly StreamStatus: string;
  readonly RetentionPeriodHours: number;
  /** Those that were split or merged among them. */
  readonly Shards: readonly { readonly ParentShardId?: string }[];
};

/** Once somebody split or merged shards, their number is that person's, and no longer the template's. */
function wasNeverResharded({ Shards }: StreamDescription): boolean {
  return Shards.every(({ ParentShardId }) => ParentShardId === undefined);
}

const settlePatienceMs = 2000;

async function describeActive(StreamName: string, endpoint: string): Promise<StreamDescription> {
  const deadlineMs = performance.now() + settlePatienceMs;
  for (;;) {
    const { StreamDescription } = await callEngine<{ StreamDescription: StreamDescription }>(
      endpoint,
      'kinesis',
      'DescribeStream',
      { StreamName },
    );
    // One that was killed in the middle of a split stays UPDATING for ever, and takes and gives records all the same.
    if (StreamDescription.StreamStatus === 'ACTIVE' || performance.now() > deadlineMs)
      return StreamDescription;
    await sleep(5);
  }
}
