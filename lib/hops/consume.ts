// The hop from a stream to the tables: a consume function and its event source mapping. A record is retried until it is
// stored. When its retries or its age run out, Lambda writes it to the bucket and the shard moves on. Each stream has a
// function of its own, so that a backlog of one takes no instance that another needs, and its lag is told apart.

import { Duration, Validations } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { EventSourceMapping, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { generationKeyPrefix, lagKey, platformKeysKey } from '../../domain/keys.ts';
import { delivery } from '../../domain/record/delivery.ts';
import { allow, allowPartitions } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import type { ConsumerVerb } from '../stage/stage-settings.ts';
import type { Storage } from '../stateful-stack.ts';
import { claimStatements } from './claim-statements.ts';
import { countingStatements } from './counting-statements.ts';
import { type HopProps, importNameOf } from './hop.ts';

export type ConsumeProps = HopProps & {
  readonly stream: IStream;
  readonly verb: ConsumerVerb;
  readonly description: string;
};

export class Consume extends Construct {
  readonly function: WeirFunction['function'];
  readonly live: WeirFunction['live'];
  readonly mapping: EventSourceMapping;

  constructor(scope: Construct, id: string, { stage, code, storage, stream, ...of }: ConsumeProps) {
    super(scope, id);
    const { accounts, identities, claimLogs, pages, aggregates, ledger } = storage.tables;
    const consume = new WeirFunction(this, 'Consume', {
      stage,
      code,
      ...of,
      memoryMebibytes: 1024,
      timeoutSeconds: delivery.consumeTimeoutSeconds,
      environment: {
        ACCOUNTS_TABLE: accounts.tableName,
        IDENTITIES_TABLE: identities.tableName,
        CLAIM_LOGS_TABLE: claimLogs.tableName,
        PAGES_TABLE: pages.tableName,
        AGGREGATES_TABLE: aggregates.tableName,
        LEDGER_TABLE: ledger.tableName,
        FAILED_RECORDS_BUCKET: storage.failedRecords.bucketName,
      },
      statements: [
        ...claimStatements(storage),
        allow('dynamodb', ['BatchWriteItem'], pages.tableArn),
        ...countingStatements(storage),
        allowPartitions(['GetItem'], ledger, { key: platformKeysKey }),
        allowPartitions(['BatchGetItem'], accounts, { prefix: generationKeyPrefix }),
        // The lag of live events only: nobody is refused because of a backfill.
        ...(of.verb === 'consume-late' ? [] : [allowPartitions(['PutItem'], ledger, { key: lagKey })]),
        ...deliveryStatements(stream, storage),
      ],
    });
    this.function = consume.function;
    this.live = consume.live;
    Validations.of(consume).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${importNameOf(storage.failedRecords)}/*]`,
      reason:
        'Lambda chooses the names of its dead letters, and other objects are named after their records; ' +
        'the role may only put objects.',
    });

    this.mapping = new EventSourceMapping(this, 'Mapping', {
      target: this.live,
      eventSourceArn: stream.streamArn,
      enabled: true,
      // From the oldest record, so that records from before the mapping was created are not lost.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: delivery.batchSize,
      maxBatchingWindow: Duration.seconds(delivery.batchingWindowSeconds),
      parallelizationFactor: stage.parallelizationFactor,
      reportBatchItemFailures: true,
      // Halves a batch until the record that crashes the function is alone. Halving uses no retries.
      bisectBatchOnError: true,
      retryAttempts: delivery.retryAttempts,
      // Counts records that went to the bucket or were dropped: nothing else shows that accepted records are not stored.
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
      maxRecordAge: Duration.hours(stage.maxRecordAgeHours),
      // S3 receives the whole payload, whereas SQS and SNS receive only its position in the stream. The CDK's
      // S3OnFailureDestination would also grant reading and deleting.
      onFailure: { bind: () => ({ destination: storage.failedRecords.bucketArn }) },
    });
  }
}

/** The mapping reads the stream and writes to the bucket with the role of the function. */
function deliveryStatements(stream: IStream, { failedRecords }: Storage) {
  return [
    allow(
      'kinesis',
      ['GetRecords', 'GetShardIterator', 'DescribeStream', 'DescribeStreamSummary', 'ListShards'],
      stream.streamArn,
    ),
    // For dead letters, which Lambda and consume write, and for the payloads that consume quarantines.
    allow('s3', ['PutObject'], failedRecords.arnForObjects('*')),
    allow('s3', ['ListBucket'], failedRecords.bucketArn),
  ];
}
