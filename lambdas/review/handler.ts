import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { CloudWatchAlarmReader } from '../../adapters/service-levels/cloudwatch-alarm-reader.ts';
import { CloudWatchMetricReader } from '../../adapters/service-levels/cloudwatch-metric-reader.ts';
import { DynamoIncidents, DynamoReviewMark } from '../../adapters/service-levels/dynamodb-incidents.ts';
import { S3ReportShelf } from '../../adapters/service-levels/s3-report-shelf.ts';
import { SnsReportTopic } from '../../adapters/service-levels/sns-report-topic.ts';
import { systemClock, workPause } from '../../adapters/system/clock-and-random.ts';
import { budgetLeftPercent, isMissed } from '../../domain/service-levels/attainment.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { readVariable } from '../runtime/environment.ts';
import { createTelemetry } from '../runtime/telemetry.ts';
import { answerReport } from './answer-report.ts';
import { type ReviewDeps, type Reviewed, review } from './review.ts';
import { type ReportAnswer, readRequest } from './wire.ts';

const { logger, metrics } = createTelemetry('review');
const stage = readVariable('STAGE');
const ledger = {
  client: createDocumentClient(workTimeouts),
  name: readVariable('LEDGER_TABLE'),
  pause: workPause,
};
const deps: ReviewDeps = {
  measured: {
    stage,
    api: { apiName: readVariable('API_NAME'), stageName: readVariable('API_STAGE') },
  },
  metrics: new CloudWatchMetricReader(workTimeouts),
  alarms: new CloudWatchAlarmReader(stage, workTimeouts),
  incidents: new DynamoIncidents(ledger),
  mark: new DynamoReviewMark(ledger),
  shelf: new S3ReportShelf({ bucket: readVariable('REPORTS_BUCKET'), timeouts: workTimeouts }),
  topic: new SnsReportTopic(readVariable('REPORT_TOPIC'), workTimeouts),
  // Each objective is a dimension of its own, and so a line of its own.
  publishLevel: ({ name }, attainment) => {
    metrics.addDimension('objective', name);
    metrics.addMetric(metricNames.attainmentPercent, MetricUnit.Percent, attainment.percent);
    metrics.addMetric(metricNames.budgetLeftPercent, MetricUnit.Percent, budgetLeftPercent(attainment));
    metrics.addMetric(metricNames.objectiveMissed, MetricUnit.Count, isMissed(attainment) ? 1 : 0);
    metrics.publishStoredMetrics();
  },
  clock: systemClock,
  logger,
};

export const handler = middy<unknown, Reviewed | ReportAnswer>()
  .use(injectLambdaContext(logger))
  .handler(async (event) => {
    const request = readRequest(event);
    return request ? answerReport(deps, request) : review(deps);
  });
