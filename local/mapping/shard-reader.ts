// Reads one shard in order, after a given sequence number.

import type { Agent } from 'node:http';
import { callEngine } from '../engines/engine-call.ts';
import type { StreamRecord } from './kinesis-event.ts';

export type ShardReader = {
  /** The next records; empty where there are none now, undefined where a closed shard has been read to its end. */
  read(limit: number): Promise<readonly StreamRecord[] | undefined>;
};

/** The engine's iterators live for five minutes. */
const iteratorAgeMs = 4 * 60_000;

export function createShardReader(
  endpoint: string,
  streamName: string,
  shardId: string,
  after: string | undefined,
  agent: Agent,
): ShardReader {
  let last = after;
  let iterator: string | undefined;
  let iteratorSince = 0;

  const openIterator = async (): Promise<string> => {
    const position =
      last === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: last };
    const { ShardIterator } = await callEngine<{ ShardIterator: string }>(
      endpoint,
      'kinesis',
      'GetShardIterator',
      { StreamName: streamName, ShardId: shardId, ...position },
      agent,
    );
    iteratorSince = performance.now();
    return ShardIterator;
  };

  return {
    read: async (limit) => {
      if (performance.now() - iteratorSince > iteratorAgeMs) iterator = undefined;
      iterator ??= await openIterator();
      const { Records, NextShardIterator } = await callEngine<{
        Records: readonly StreamRecord[];
        NextShardIterator?: string;
      }>(endpoint, 'kinesis', 'GetRecords', { ShardIterator: iterator, Limit: limit }, agent);
      if (Records.length === 0) {
        // The same iterator is used again: the engine derives the next one of an empty answer from its clock,
        // and would pass over a record that is being written at this moment.
        return NextShardIterator == null ? undefined : [];
      }
      last = Records.at(-1)?.SequenceNumber;
      iterator = NextShardIterator ?? undefined;
      iteratorSince = performance.now();
      return Records;
    },
  };
}
