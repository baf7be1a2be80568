// The hop from the streams to the ledger of what was acknowledged: a second consumer of each stream, apart from consume. It
// retries until a batch is stored, for as long as the stream has it: nothing is dropped, and nothing becomes a dead letter.
// All streams share one function, because it writes some bytes a record and nobody waits for it.

import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { tallyKeyPrefix } from '../../domain/keys.ts';
import { allow, allowPartitions } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import { type HopProps, streamsOf } from './hop.ts';

/** A batch ends at 6 MB before it has so many, unless batches of clients are small. */
const batchSize = 10_000;
/** A sheet for each shard and minute, where little is sent. What is younger than 15 minutes is in flight anyway. */
const batchingWindowSeconds = 60;

export class Tally extends Construct {
  readonly function: WeirFunction['function'];
  readonly live: WeirFunction['live'];
  readonly mappings: readonly EventSourceMapping[];

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { ledger } = storage.tables;
    const tally = new WeirFunction(this, 'Tally', {
      stage,
      code,
      verb: 'tally',
      description: 'Writes down which records the streams have, for the ledger',
      memoryMebibytes: 512,
      timeoutSeconds: 60,
      environment: { LEDGER_TABLE: ledger.tableName },
      statements: [
        allowPartitions(['BatchWriteItem'], ledger, { prefix: tallyKeyPrefix }),
        ...streamsOf(storage).map(({ streamArn }) =>
          allow(
            'kinesis',
            ['GetRecords', 'GetShardIterator', 'DescribeStream', 'DescribeStreamSummary', 'ListShards'],
            streamArn,
          ),
        ),
      ],
    });
    this.function = tally.function;
    this.live = tally.live;

    const { stream: live, priorityStream: priority, lateStream: late } = storage;
    this.mappings = Object.entries({
      LiveMapping: live,
      PriorityMapping: priority,
      LateMapping: late,
    }).flatMap(([name, stream]) =>
      stream
        ? new EventSourceMapping(this, name, {
            target: this.live,
            eventSourceArn: stream.streamArn,
            enabled: true,
            startingPosition: StartingPosition.TRIM_HORIZON,
            batchSize,
            maxBatchingWindow: Duration.seconds(batchingWindowSeconds),
            parallelizationFactor: 1,
            // Nothing else shows that it is not polled, and then nothing would be missing.
            metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
          })
        : [],
    );
  }
}
