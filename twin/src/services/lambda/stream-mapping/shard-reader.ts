// Reads one shard in order, after a given sequence number.

import { EngineRefused } from '../../../core/engine-call.ts';
import type { OwnCalls } from '../../../core/proxy/own-calls.ts';
import type { StreamRecord } from './kinesis-event.ts';

/** The next records; empty where there are none now, undefined where a closed shard was read to its end. */
export type ReadShard = (limit: number, isClosed: boolean) => Promise<readonly StreamRecord[] | undefined>;

type Read = { readonly Records: readonly StreamRecord[]; readonly NextShardIterator?: string | null };

export function createShardReader(
  calls: Pick<OwnCalls, 'json'>,
  streamName: string,
  shardId: string,
  after: string | undefined,
): ReadShard {
  let last = after;
  let iterator: string | undefined;
  let emptyReads = 0;
  const openIterator = async (): Promise<string> => {
    const position =
      last === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: last };
    const input = { StreamName: streamName, ShardId: shardId, ...position };
    const answer = await calls.json<{ ShardIterator: string }>('kinesis', 'GetShardIterator', input);
    return answer.ShardIterator;
  };
  const read = async (limit: number, isClosed: boolean): Promise<readonly StreamRecord[] | undefined> => {
    iterator ??= await openIterator();
    const input = { ShardIterator: iterator, Limit: emptyReads === 0 ? limit : maxMessagesPerCall };
    const { Records, NextShardIterator } = await calls.json<Read>('kinesis', 'GetRecords', input);
    if (Records.length > 0) {
      emptyReads = 0;
      last = Records.at(-1)?.SequenceNumber;
      iterator = NextShardIterator ?? undefined;
      return Records;
    }
    emptyReads += 1;
    // What is empty may have been passed over: the engine takes records up to the limit, and then drops those that are
    // past the stream's retention. Of a closed shard it says when there is an end, unless its clock was moved back.
    // An open shard is read with the same iterator again: the next one is made of the engine's clock then, and would pass
    // over a record that is being written at this moment.
    if (isClosed) {
      if (NextShardIterator == null || emptyReads > maxEmptyReads) return undefined;
      iterator = NextShardIterator;
    }
    return [];
  };
  return async (limit, isClosed) => {
    try {
      return await read(limit, isClosed);
    } catch (error) {
      const isOld = error instanceof EngineRefused && iteratorRefusals.has(error.code);
      iterator = undefined;
      if (!isOld) throw error;
      return read(limit, isClosed);
    }
  };
}

/** Kinesis's own bound. */
const maxMessagesPerCall = 10_000;
/** A closed shard that began with more expired records than these times the bound would end too early. */
const maxEmptyReads = 20;

/** An iterator lives for five minutes, and is of no use to a clock that was moved back before it was made. */
const iteratorRefusals = new Set(['ExpiredIteratorException', 'InvalidArgumentException']);
