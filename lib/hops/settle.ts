// The hop beside the stream: it settles dead letters of Lambda when they arrive in the bucket. A sweep every few minutes
// settles those of consume and those whose notification was lost, and runs scheduled jobs. Operators call it to replay or discard one record.

import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  generationKeyPrefix,
  jobsKey,
  lambdaPrefix,
  letterPrefixes,
  payloadPrefix,
  platformKeysKey,
  quarantineKeyPrefix,
  unreadablePrefix,
} from '../../domain/keys.ts';
import { settling } from '../../domain/quarantine/quarantine.ts';
import { allow, allowPartitions } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import type { Storage } from '../stateful-stack.ts';
import { claimStatements } from './claim-statements.ts';
import { countingStatements } from './counting-statements.ts';
import { type HopProps, importNameOf } from './hop.ts';

const { timeoutSeconds, sweepEveryMinutes } = settling;
const tries = { retryAttempts: 2, maxEventAgeMinutes: 60 } as const;

export class Settle extends Construct {
  readonly function: WeirFunction['function'];
  readonly live: WeirFunction['live'];

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { tables, failedRecords } = storage;
    const settle = new WeirFunction(this, 'Settle', {
      stage,
      code,
      verb: 'settle',
      description: 'Settles what left the stream for the bucket, replays and discards',
      memoryMebibytes: 1024,
      timeoutSeconds,
      environment: {
        ACCOUNTS_TABLE: tables.accounts.tableName,
        IDENTITIES_TABLE: tables.identities.tableName,
        CLAIM_LOGS_TABLE: tables.claimLogs.tableName,
        PAGES_TABLE: tables.pages.tableName,
        AGGREGATES_TABLE: tables.aggregates.tableName,
        LEDGER_TABLE: tables.ledger.tableName,
        FAILED_RECORDS_BUCKET: failedRecords.bucketName,
      },
      statements: [...tableStatements(storage), ...bucketStatements(storage)],
      asynchronous: {
        ...tries,
        deadLetters: {
          leftOut: true,
          reason: 'the sweep finds the objects that are still in the bucket and the jobs that are still due',
        },
      },
    });
    this.function = settle.function;
    this.live = settle.live;
    for (const prefix of [...letterPrefixes, payloadPrefix, unreadablePrefix])
      Validations.of(settle).acknowledge({
        id: `AwsSolutions::AwsSolutions-IAM5[Resource::${importNameOf(failedRecords)}/${prefix}*]`,
        reason:
          'Objects are named by Lambda or after the records that they hold; the bucket belongs to this stage alone, and ' +
          'the role has only the rights that each of its prefixes needs.',
      });

    // EventBridge and Lambda each retry an event. The sweep finds what both have dropped.
    const target = new LambdaFunction(this.live, {
      retryAttempts: tries.retryAttempts,
      maxEventAge: Duration.minutes(tries.maxEventAgeMinutes),
    });
    new Rule(this, 'Arrived', {
      description: `Tells settle of Weir ${stage.name} what left the stream for the bucket`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [failedRecords.bucketName] },
          // Not those of consume: one account that is refused would have all instances. The sweep is fair.
          object: { key: [{ prefix: lambdaPrefix }] },
        },
      },
      enabled: true,
      targets: [target],
    });
    new Rule(this, 'Sweep', {
      description: `Runs the sweep of Weir ${stage.name} every ${sweepEveryMinutes} minutes`,
      schedule: Schedule.rate(Duration.minutes(sweepEveryMinutes)),
      enabled: true,
      targets: [target],
    });
  }
}

function tableStatements(storage: Storage): PolicyStatement[] {
  const { accounts, pages, ledger } = storage.tables;
  return [
    ...claimStatements(storage),
    allow('dynamodb', ['BatchWriteItem'], pages.tableArn),
    ...countingStatements(storage),
    allowPartitions(['GetItem', 'UpdateItem'], ledger, { prefix: quarantineKeyPrefix }),
    allowPartitions(['Query', 'DeleteItem'], ledger, { key: jobsKey }),
    allowPartitions(['GetItem'], ledger, { key: platformKeysKey }),
    allowPartitions(['BatchGetItem'], accounts, { prefix: generationKeyPrefix }),
  ];
}

function bucketStatements({ failedRecords }: Storage): PolicyStatement[] {
  const objects = (prefix: string) => failedRecords.arnForObjects(`${prefix}*`);
  return [
    ...letterPrefixes.map((prefix) => allow('s3', ['GetObject', 'DeleteObject'], objects(prefix))),
    allow('s3', ['GetObject', 'PutObject', 'DeleteObject'], objects(payloadPrefix)),
    allow('s3', ['PutObject'], objects(unreadablePrefix)),
    // For the sweep, and so that S3 answers 404 for a missing object: without this right it answers 403.
    allow('s3', ['ListBucket'], failedRecords.bucketArn),
  ];
}
