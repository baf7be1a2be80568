// Reads records from the stream again, by time: from every shard that has records of that time, including shards that
// were split or merged since. Order across a split is not kept: later records of a lane are decided by now anyway.

import {
  DescribeStreamSummaryCommand,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import type { Clock } from '../../domain/system/port.ts';
import { hourMs } from '../../domain/system/time.ts';

export type ArrivedRecord = {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly arrivedAtMs: number;
};

/**
 * Kinesis allows five reads a second of a shard. This takes at most two, and small ones, because the consumer reads
 * too.
 */
const readIntervalMs = 500;
const recordsPerRead = 200;

export type StreamReaderDeps = {
  readonly client: KinesisClient;
  readonly name: string;
  readonly clock: Clock;
};

export class StreamReader {
  readonly #deps: StreamReaderDeps;

  constructor(deps: StreamReaderDeps) {
    this.#deps = deps;
  }

  async describe(): Promise<{ readonly arn: string; readonly retentionMs: number }> {
    const { client, name } = this.#deps;
    const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: name }));
    const { StreamARN = '', RetentionPeriodHours = 0 } = answer.StreamDescriptionSummary ?? {};
    return { arn: StreamARN, retentionMs: RetentionPeriodHours * hourMs };
  }

  /** Open shards, and closed shards that still have records. */
  async shardIds(): Promise<string[]> {
    const { client, name } = this.#deps;
    const ids: string[] = [];
    let next: string | undefined;
    do {
      const answer = await client.send(
        new ListShardsCommand(next === undefined ? { StreamName: name } : { NextToken: next }),
      );
      for (const { ShardId } of answer.Shards ?? []) if (ShardId) ids.push(ShardId);
      next = answer.NextToken;
    } while (next !== undefined);
    return ids;
  }

  /** The records of one shard that arrived in [fromMs, toMs), in small groups, up to the tip of the shard. */
  async *read(shardId: string, fromMs: number, toMs: number): AsyncGenerator<readonly ArrivedRecord[]> {
    const { client, clock } = this.#deps;
    const start = { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(fromMs) } as const;
    let position: Position = start;
    let iterator = await this.#open(shardId, position);
    while (iterator !== undefined) {
      const answer = await client
        .send(new GetRecordsCommand({ ShardIterator: iterator, Limit: recordsPerRead }))
        .catch((error) => {
          // An iterator lives for five minutes. The caller may have needed longer for the records before.
          if (error instanceof ExpiredIteratorException) return undefined;
          throw error;
        });
      if (answer === undefined) {
        iterator = await this.#open(shardId, position);
        continue;
      }
      const records = (answer.Records ?? []).map((record) => ({
        shardId,
        sequenceNumber: record.SequenceNumber ?? '',
        partitionKey: record.PartitionKey ?? '',
        data: record.Data ?? new Uint8Array(),
        arrivedAtMs: Number(record.ApproximateArrivalTimestamp),
      }));
      const within = records.filter(({ arrivedAtMs }) => arrivedAtMs >= fromMs && arrivedAtMs < toMs);
      if (within.length > 0) yield within;
      const last = records.at(-1);
      // Checks every record, because arrival times are approximate and need not rise from record to record.
      const isPast = last !== undefined && records.every(({ arrivedAtMs }) => arrivedAtMs >= toMs);
      const isAtTip = last === undefined && answer.MillisBehindLatest === 0;
      if (isPast || isAtTip) return;
      if (last) position = positionAfter(last);
      iterator = answer.NextShardIterator;
      await clock.sleep(readIntervalMs);
    }
  }

  async #open(ShardId: string, position: Position): Promise<string | undefined> {
    const { client, name: StreamName } = this.#deps;
    const answer = await client.send(new GetShardIteratorCommand({ StreamName, ShardId, ...position }));
    return answer.ShardIterator;
  }
}

type Position = Pick<
  GetShardIteratorCommandInput,
  'ShardIteratorType' | 'Timestamp' | 'StartingSequenceNumber'
>;

const positionAfter = ({ sequenceNumber }: ArrivedRecord): Position => ({
  ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
  StartingSequenceNumber: sequenceNumber,
});
