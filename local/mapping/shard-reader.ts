// Reads one shard in order, after a given sequence number.

import { EngineRefused } from '../engines/engine-call.ts';
import type { OwnCalls } from '../proxy/own-calls.ts';
import type { StreamRecord } from './kinesis-event.ts';

/** The next records; empty where there are none now. */
export type ReadShard = (limit: number) => Promise<readonly StreamRecord[]>;

type Read = { readonly Records: readonly StreamRecord[]; readonly NextShardIterator?: string | null };

export function createShardReader(
  calls: Pick<OwnCalls, 'json'>,
  streamName: string,
  shardId: string,
  after: string | undefined,
): ReadShard {
  let last = after;
  let iterator: string | undefined;
  const openIterator = async (): Promise<string> => {
    const position =
      last === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: last };
    const input = { StreamName: streamName, ShardId: shardId, ...position };
    const answer = await calls.json<{ ShardIterator: string }>('kinesis', 'GetShardIterator', input);
    return answer.ShardIterator;
  };
  const read = async (limit: number): Promise<readonly StreamRecord[]> => {
    iterator ??= await openIterator();
    const input = { ShardIterator: iterator, Limit: limit };
    const { Records, NextShardIterator } = await calls.json<Read>('kinesis', 'GetRecords', input);
    // After an empty answer the same iterator is used again: the engine derives the next one from its clock then, and
    // would pass over a record that is being written at this moment.
    if (Records.length > 0) {
      last = Records.at(-1)?.SequenceNumber;
      iterator = NextShardIterator ?? undefined;
    }
    return Records;
  };
  return async (limit) => {
    try {
      return await read(limit);
    } catch (error) {
      const isOld = error instanceof EngineRefused && iteratorRefusals.has(error.code);
      iterator = undefined;
      if (!isOld) throw error;
      return read(limit);
    }
  };
}

/** An iterator lives for five minutes, and is of no use to a clock that was moved back before it was made. */
const iteratorRefusals = new Set(['ExpiredIteratorException', 'InvalidArgumentException']);
