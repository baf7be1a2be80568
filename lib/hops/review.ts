// The review hop: each hour it publishes how well each objective was met, keeps the incidents, and renews the status page.
// On Mondays and on the first of a month it makes the reports that are due. Operators call it for a report of another time.

import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { incidentsKey } from '../../domain/keys.ts';
import type { ApiIdentity } from '../../domain/service-levels/indicators.ts';
import { allow, allowPartitions } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import { subscribe } from '../slo/subscriptions.ts';
import { reportsPrefix, statusPrefix } from '../storage/reports-bucket.ts';
import { type HopProps, importNameOf } from './hop.ts';

/** API Gateway's metrics of an hour are there some minutes after it. */
const minute = '5';
export const reviewEveryMinutes = 60;
const retryAttempts = 2;
const maxEventAgeMinutes = 50;

export type ReviewProps = HopProps & { readonly api: ApiIdentity };

export class Review extends Construct {
  readonly function: WeirFunction['function'];
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { stage, code, storage, api }: ReviewProps) {
    super(scope, id);
    const { reports, tables } = storage;
    // Not encrypted, as the topics of alarms: it says nothing of accounts.
    this.topic = new Topic(this, 'Topic', { displayName: `Weir ${stage.name}: reports`, enforceSSL: true });
    if ('report' in stage.notify) subscribe(this.topic, stage.notify.report);
    const review = new WeirFunction(this, 'Review', {
      stage,
      code,
      verb: 'review',
      description: 'Publishes attainment, keeps incidents, and makes reports and the status page',
      memoryMebibytes: 512,
      timeoutSeconds: 120,
      environment: {
        STAGE: stage.name,
        API_NAME: api.apiName,
        API_STAGE: api.stageName,
        LEDGER_TABLE: tables.ledger.tableName,
        REPORTS_BUCKET: reports.bucketName,
        REPORT_TOPIC: this.topic.topicArn,
      },
      statements: [
        allowPartitions(['GetItem', 'PutItem', 'Query', 'UpdateItem'], tables.ledger, { key: incidentsKey }),
        ...[reportsPrefix, statusPrefix].map((prefix) =>
          allow('s3', ['PutObject'], reports.arnForObjects(`${prefix}*`)),
        ),
        allow('sns', ['Publish'], this.topic.topicArn),
        // CloudWatch has no narrower resource for metrics, and asks for this one where history is of composite alarms, too.
        allow('cloudwatch', ['GetMetricData', 'DescribeAlarms', 'DescribeAlarmHistory'], '*'),
      ],
      asynchronous: {
        retryAttempts,
        maxEventAgeMinutes,
        deadLetters: { leftOut: true, reason: 'the next run goes on where the last one ended' },
      },
    });
    this.function = review.function;
    for (const prefix of [reportsPrefix, statusPrefix])
      Validations.of(review).acknowledge({
        id: `AwsSolutions::AwsSolutions-IAM5[Resource::${importNameOf(reports)}/${prefix}*]`,
        reason:
          'Reports are named by their time; the bucket belongs to this stage alone, and the role only puts.',
      });
    Validations.of(review).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason:
        'GetMetricData has no resources, and the history of composite alarms is answered for all alarms or for none. ' +
        'All three actions only read.',
    });

    new Rule(this, 'EveryHour', {
      description: `Runs review of Weir ${stage.name} every hour`,
      schedule: Schedule.cron({ minute }),
      enabled: true,
      targets: [
        new LambdaFunction(review.live, {
          retryAttempts,
          maxEventAge: Duration.minutes(maxEventAgeMinutes),
        }),
      ],
    });
  }
}
