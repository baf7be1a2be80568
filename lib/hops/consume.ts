// The hop from the stream to the tables: the consume function and the mapping that feeds it. A record is tried
// until it is stored; one that cannot be leaves whole for the bucket, and the shard goes on.

import { Duration, Validations } from 'aws-cdk-lib';
import { EventSourceMapping, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { delivery } from '../../domain/record/delivery.ts';
import { allow } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import type { Storage } from '../stateful-stack.ts';
import { type HopProps, importNameOf } from './hop.ts';

export class Consumer extends Construct {
  readonly function: WeirFunction['function'];
  readonly mapping: EventSourceMapping;

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { identities, pages, aggregates, ledger } = storage.tables;
    const consume = new WeirFunction(this, 'Consume', {
      stage,
      code,
      verb: 'consume',
      description: 'Claims, stores and counts the events of each record, once',
      memoryMebibytes: 1024,
      timeoutSeconds: delivery.consumeTimeoutSeconds,
      environment: {
        IDENTITIES_TABLE: identities.tableName,
        PAGES_TABLE: pages.tableName,
        AGGREGATES_TABLE: aggregates.tableName,
        LEDGER_TABLE: ledger.tableName,
        FAILED_RECORDS_BUCKET: storage.failedRecords.bucketName,
      },
      statements: [
        allow('dynamodb', ['PartiQLInsert', 'BatchGetItem', 'UpdateItem'], identities.tableArn),
        allow('dynamodb', ['BatchWriteItem'], pages.tableArn),
        allow('dynamodb', ['BatchGetItem', 'PutItem', 'UpdateItem'], aggregates.tableArn),
        allow('dynamodb', ['BatchGetItem', 'PutItem', 'DeleteItem'], ledger.tableArn),
        ...deliveryStatements(storage),
      ],
    });
    this.function = consume.function;
    Validations.of(consume).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${importNameOf(storage.failedRecords)}/*]`,
      reason:
        'Lambda names each object that it delivers by itself, and what is set aside is named after its record; what ' +
        'the role may do with objects is to put them.',
    });

    this.mapping = new EventSourceMapping(this, 'Mapping', {
      target: this.function,
      eventSourceArn: storage.stream.streamArn,
      enabled: true,
      // Records that were put before the mapping was there are events too.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: delivery.batchSize,
      maxBatchingWindow: Duration.seconds(delivery.batchingWindowSeconds),
      parallelizationFactor: stage.parallelizationFactor,
      reportBatchItemFailures: true,
      // Halves a batch until the record that crashes the function stands alone; halving uses up no retries.
      bisectBatchOnError: true,
      retryAttempts: delivery.retryAttempts,
      // Counts what left for the bucket or was dropped: the one sign of records that were accepted and not stored.
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
      maxRecordAge: Duration.hours(delivery.maxRecordAgeHours),
      // S3 receives the whole payload; SQS and SNS would receive only where it was. S3OnFailureDestination would
      // grant reading and deleting too.
      onFailure: { bind: () => ({ destination: storage.failedRecords.bucketArn }) },
    });
  }
}

/** The mapping reads the stream and delivers to the bucket with the role of the function. */
function deliveryStatements({ stream, failedRecords }: Storage) {
  return [
    allow(
      'kinesis',
      ['GetRecords', 'GetShardIterator', 'DescribeStream', 'DescribeStreamSummary', 'ListShards'],
      stream.streamArn,
    ),
    // Of Lambda's delivery, and of the function where it sets a record aside.
    allow('s3', ['PutObject'], failedRecords.arnForObjects('*')),
    allow('s3', ['ListBucket'], failedRecords.bucketArn),
  ];
}
