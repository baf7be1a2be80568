// Whether a shard still reaches as far as a position that was kept of it. A position past its end would pass over all that
// is put from then on: the stream lost what was read from it.

import { parseSequence } from 'kinesalite/db/index.js';
import type { Clock } from '../../core/clock.ts';
import { callEngine, type Engine } from '../../core/engine-call.ts';

export type HoldsRecord = (streamName: string, shardId: string, sequenceNumber: string) => Promise<boolean>;

type Summary = { readonly StreamDescriptionSummary: { readonly RetentionPeriodHours: number } };

/** Past the proxy: nobody but the start asks. What the stream has forgotten by its retention, it has held. */
export function createHoldsRecord(engine: Engine, clock: Pick<Clock, 'now'>): HoldsRecord {
  return async (StreamName, ShardId, StartingSequenceNumber) => {
    const ask = <Answer>(operation: string, input: object) =>
      callEngine<Answer>(engine.endpoint, 'kinesis', operation, input);
    const { ShardIterator } = await ask<{ ShardIterator: string }>('GetShardIterator', {
      ...{ StreamName, ShardId, StartingSequenceNumber },
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
    });
    const { Records } = await ask<{ Records: readonly unknown[] }>('GetRecords', { ShardIterator, Limit: 1 });
    if (Records.length > 0) return true;
    const { StreamDescriptionSummary } = await ask<Summary>('DescribeStreamSummary', { StreamName });
    const keptMs = StreamDescriptionSummary.RetentionPeriodHours * 3_600_000;
    return parseSequence(StartingSequenceNumber).seqTime < clock.now() - keptMs;
  };
}
