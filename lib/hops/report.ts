// The report hop: every quarter of an hour it compares what was acknowledged and received with its outcomes, folds the runs that
// consumers have left, publishes metrics, raises the slots of accounts that fill theirs, corrects what was counted of
// quotas, and folds the day that has closed.

import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  accountKeyPrefix,
  auditKeyPrefix,
  eventUseKeyPrefix,
  generationKeyPrefix,
  tallyKeyPrefix,
} from '../../domain/keys.ts';
import { allow, allowPartitions } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import type { Storage } from '../stateful-stack.ts';
import { foldingStatement } from './counting-statements.ts';
import type { HopProps } from './hop.ts';

export const reportEveryMinutes = 15;
const retryAttempts = 1;

export class Report extends Construct {
  readonly function: WeirFunction['function'];

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { accounts, aggregates, ledger } = storage.tables;
    const report = new WeirFunction(this, 'Report', {
      stage,
      code,
      verb: 'report',
      description: 'Reconciles the ledger, folds what is due, and publishes what it found',
      memoryMebibytes: 512,
      timeoutSeconds: 300,
      environment: {
        ACCOUNTS_TABLE: accounts.tableName,
        AGGREGATES_TABLE: aggregates.tableName,
        LEDGER_TABLE: ledger.tableName,
        SLOTS: JSON.stringify({ most: stage.slots.most, automatic: stage.slots.automatic }),
      },
      statements: [
        allow('dynamodb', ['Scan'], accounts.tableArn),
        foldingStatement(storage),
        ...slotStatements(stage, storage),
        allowPartitions(['GetItem', 'UpdateItem'], ledger, { prefix: eventUseKeyPrefix }),
        allowPartitions(['BatchGetItem', 'BatchWriteItem', 'Query'], ledger, { prefix: tallyKeyPrefix }),
        allowPartitions(['BatchGetItem'], accounts, { prefix: generationKeyPrefix }),
      ],
      asynchronous: {
        retryAttempts,
        maxEventAgeMinutes: reportEveryMinutes,
        deadLetters: { leftOut: true, reason: 'the next run checks the same figures' },
      },
    });
    this.function = report.function;

    new Rule(this, 'EveryQuarterHour', {
      description: `Runs report of Weir ${stage.name} every ${reportEveryMinutes} minutes`,
      schedule: Schedule.rate(Duration.minutes(reportEveryMinutes)),
      enabled: true,
      targets: [
        // A run that cannot start within a quarter of an hour is dropped: the next run checks the same figures.
        new LambdaFunction(report.live, {
          retryAttempts,
          maxEventAge: Duration.minutes(reportEveryMinutes),
        }),
      ],
    });
  }
}

/** Where it raises no slots, it changes nothing of accounts. */
function slotStatements(stage: StageSettings, { tables: { accounts } }: Storage): PolicyStatement[] {
  if (stage.slots.most === 1) return [];
  const toAdvise = allowPartitions(['GetItem'], accounts, { prefix: accountKeyPrefix });
  if (!stage.slots.automatic) return [toAdvise];
  return [
    toAdvise,
    allowPartitions(['UpdateItem'], accounts, { prefix: accountKeyPrefix }),
    allowPartitions(['PutItem', 'Query'], accounts, { prefix: auditKeyPrefix }),
  ];
}
