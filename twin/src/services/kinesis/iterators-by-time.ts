// Shard iterators of a point in time, as a step of the proxy: the engine never answers where no record of the shard is
// as late.

import { callEngine, type Engine, EngineRefused } from '../../core/engine-call.ts';
import { errorAnswer, jsonAnswer, type Step } from '../../core/proxy/aws-call.ts';
import { jsonBody } from '../../core/proxy/json-body.ts';

type Read = {
  readonly Records: readonly {
    readonly SequenceNumber: string;
    readonly ApproximateArrivalTimestamp: number;
  }[];
  readonly NextShardIterator?: string | null;
};

/** A shard that begins with more expired records than the engine reads over in these reads would seem to be empty. */
const maxEmptyReads = 20;

export function createIteratorsByTime(engine: Engine): Step {
  const ask = <Answer>(operation: string, input: object) =>
    callEngine<Answer>(engine.endpoint, 'kinesis', operation, input);
  const open = async (shard: object, position: object): Promise<string> =>
    (await ask<{ ShardIterator: string }>('GetShardIterator', { ...shard, ...position })).ShardIterator;

  /** At the first record that is as late, or at the end. */
  async function openAt(shard: object, timestamp: number): Promise<string> {
    let iterator = await open(shard, { ShardIteratorType: 'TRIM_HORIZON' });
    for (let emptyReads = 0; emptyReads < maxEmptyReads; ) {
      const { Records, NextShardIterator } = await ask<Read>('GetRecords', { ShardIterator: iterator });
      const first = Records.find((record) => record.ApproximateArrivalTimestamp >= timestamp);
      if (first) {
        const { SequenceNumber: StartingSequenceNumber } = first;
        return open(shard, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber });
      }
      if (Records.length === 0) emptyReads += 1;
      if (NextShardIterator == null) break;
      iterator = NextShardIterator;
    }
    return iterator;
  }

  return async (call, next) => {
    if (call.service !== 'kinesis' || call.operation !== 'GetShardIterator') return next(call);
    const { ShardIteratorType, Timestamp, StreamName, ShardId } = jsonBody(call.body) ?? {};
    if (ShardIteratorType !== 'AT_TIMESTAMP' || typeof Timestamp !== 'number') return next(call);
    try {
      return jsonAnswer(200, { ShardIterator: await openAt({ StreamName, ShardId }, Timestamp) });
    } catch (error) {
      if (!(error instanceof EngineRefused)) throw error;
      return errorAnswer(400, error.code, error.message);
    }
  };
}
